"""Links from results to doses, against links made by hand on annotated abstracts with several regimens.

`python -m benchmarks.links GOLD.jsonl [GOLD.jsonl …]` reads the hand's links from benchmarks/dose_links.tsv and the
annotated doses and results from the files, links each result by the component of the pipeline, and prints how many
links are the hand's: of results that the hand told apart, of those it could not, and of all.
"""

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
from nlp.finding import Unlinked
from nlp.pipeline import annotate, load_pipeline
from nlp.vocabulary import read_table

HAND = Path(__file__).with_name("dose_links.tsv")
COMPONENTS = ("sections", "abbreviations", "drugs")
"""What the text is read by; doses and results are the annotators'."""

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


def main(paths: Sequence[str]) -> int:
    """Print the shares."""
    hand = by_hand()
    files = [Path(path).read_text(encoding="utf-8").splitlines() for path in paths]
    records = [json.loads(line) for lines in files for line in lines]
    held = [record for record in records if record["id"] in hand]
    compared = compare(held, hand)
    if not compared:
        print(f"no record of {HAND.name} is in {', '.join(paths) or 'no file'}")
        return 1
    for name, group in (
        ("told apart", [same for apart, same in compared if apart]),
        ("not told apart", [same for apart, same in compared if not apart]),
        ("all", [same for _, same in compared]),
    ):
        print(f"{name:16}{sum(group):5} of {len(group):5}  {sum(group) / max(1, len(group)):.3f}")
    print(f"on {len(held)} abstracts")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
