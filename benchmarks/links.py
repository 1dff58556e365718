"""Links from results to doses, against links made by hand on annotated abstracts with several regimens.

`python -m benchmarks.links GOLD.jsonl [GOLD.jsonl …] [--pipeline NAME]` reads the hand's links from benchmarks/dose_links.tsv and
the annotated doses and results from the files, links each result by the component of the pipeline, and prints how many links are
the hand's: of results that the hand told apart, of those it could not, and of all. With a pipeline, doses and results are
those that it finds: a result counts where it is found, and a dose that is found wrongly or not at all makes its link another one.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nlp.article import Document
from nlp.components.links import link
from nlp.components.regimen import Routes
from nlp.extensions import DoseMention, Mention
from nlp.finding import AdverseEvent, Dose, Finding, Outcome, Unlinked
from nlp.pipeline import annotate, load_pipeline, read
from nlp.vocabulary import read_table

HAND = Path(__file__).with_name("dose_links.tsv")
COMPONENTS = ("sections", "abbreviations", "drugs")
"""What the text is read by; doses and results are the annotators'."""

SAME = 0.3
"""Share of the union of two anchors from which they are one, as the scorer has it."""

Hand = dict[str, dict[int, tuple[int, ...]]]


def by_hand(path: Path = HAND) -> Hand:
    """Read record → ordinal of a result → ordinals of its doses, none where they are not told apart."""
    links: Hand = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
            doses = tuple(int(dose) for dose in row["doses"].split(",") if dose)
            links.setdefault(row["record"], {})[int(row["result"])] = doses
    return links


def mentions(record: dict[str, Any]) -> tuple[list[DoseMention], list[Mention]]:
    """Give the annotated doses and results of a record as the pipeline's mentions."""
    doses, results = [], []
    for finding in record["findings"]:
        start, end = finding["anchor"]
        told = {
            "start": start,
            "end": end,
            "evidence": tuple(finding["evidence"]),
            "drug": finding["drug"],
            "component": "annotators",
        }
        if finding["type"] == "dose":
            fields = {name: finding[name] for name in ("low", "high", "unit", "route")}
            doses.append(DoseMention(**told, **fields))
        else:
            results.append(Mention(**told))
    return doses, results


def compare(records: Iterable[dict[str, Any]], hand: Hand) -> list[tuple[bool, bool]]:
    """Link every result that the hand linked; give for each whether it was told apart and whether we agree."""
    nlp = load_pipeline("rules")
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in COMPONENTS])
    routes = Routes(read_table("routes.tsv"))
    compared = []
    for record in records:
        doc = annotate(nlp, Document(id=record["id"], text=record["text"]))
        doses, results = mentions(record)
        doc._.doses = tuple(doses)
        for ordinal, expected in hand[record["id"]].items():
            found = link(results[ordinal], doc, routes)
            compared.append((bool(expected), _doses(found) == expected))
    return compared


def _doses(found: tuple[int, ...] | Unlinked) -> tuple[int, ...]:
    return () if isinstance(found, Unlinked) else found


def compare_found(records: Sequence[dict[str, Any]], hand: Hand, pipeline: str) -> list[tuple[bool, bool]]:
    """Read the records with a pipeline; give for each result that it finds what `compare` gives."""
    documents = [Document(id=record["id"], text=record["text"]) for record in records]
    compared = []
    for record, reading in zip(records, read(load_pipeline(pipeline), documents), strict=True):
        for ordinal, found in found_links(record["findings"], reading.findings).items():
            if ordinal in hand[record["id"]]:
                expected = hand[record["id"]][ordinal]
                compared.append((bool(expected), found == expected))
    return compared


def found_links(annotated: Sequence[dict[str, Any]], found: Sequence[Finding]) -> dict[int, tuple[int, ...]]:
    """Give ordinal of an annotated result that is found → ordinals of its doses, -1 for one that the annotators do not have."""
    doses = paired([a for a in annotated if a["type"] == "dose"], [f for f in found if isinstance(f, Dose)])
    numbers = {finding.id: ordinal for ordinal, finding in doses.items()}
    results = paired(
        [a for a in annotated if a["type"] != "dose"],
        [f for f in found if isinstance(f, Outcome | AdverseEvent)],
    )
    return {
        ordinal: tuple(sorted(numbers.get(dose, -1) for dose in result.doses or ()))
        for ordinal, result in results.items()
    }


def paired(annotated: Sequence[dict[str, Any]], found: Sequence[Any]) -> dict[int, Any]:
    """Pair annotated findings, by ordinal, with found ones of their type and drug, the most alike first."""
    pairs = sorted(
        (
            (_share(one["anchor"], other.anchor), i, j)
            for i, one in enumerate(annotated)
            for j, other in enumerate(found)
            if (one["type"], one["drug"]) == (other.type, other.drug)
        ),
        key=lambda pair: (-pair[0], pair[1:]),
    )
    out: dict[int, Any] = {}
    taken: set[int] = set()
    for share, i, j in pairs:
        if share >= SAME and i not in out and j not in taken:
            taken.add(j)
            out[i] = found[j]
    return out


def _share(a: Sequence[int], b: Sequence[int]) -> float:
    common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return common / (a[1] - a[0] + b[1] - b[0] - common)


def main(arguments: Sequence[str]) -> int:
    """Print the shares."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.links", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="GOLD.jsonl")
    parser.add_argument(
        "--pipeline", help="a pipeline that finds doses and results, in place of the annotators"
    )
    asked = parser.parse_args(arguments)
    hand = by_hand()
    files = [path.read_text(encoding="utf-8").splitlines() for path in asked.paths]
    records = [json.loads(line) for lines in files for line in lines]
    held = [record for record in records if record["id"] in hand]
    compared = compare_found(held, hand, asked.pipeline) if asked.pipeline else compare(held, hand)
    if not compared:
        print(f"no result of {HAND.name} is in {', '.join(map(str, asked.paths))}")
        return 1
    for name, group in (
        ("told apart", [same for apart, same in compared if apart]),
        ("not told apart", [same for apart, same in compared if not apart]),
        ("all", [same for _, same in compared]),
    ):
        print(f"{name:16}{sum(group):5} of {len(group):5}  {sum(group) / max(1, len(group)):.3f}")
    linked = sum(len(hand[record["id"]]) for record in held)
    print(f"on {len(held)} abstracts, {len(compared)} of {linked} results that the hand linked")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
