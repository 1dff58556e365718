"""`python -m benchmarks [PART …] [--rounds N] [--each N] [--limit N]`: measure, and write docs/benchmarks.md.

Parts: readers (ours beside others), whole (start, night, XML, store), cores (`--jobs`, reading alone and on a store), linear
(50,000 records), fidelity (accuracy beside the pipeline with nothing spared). Without a name all are measured, in about a
quarter of an hour on a quiet machine. What a part found is kept in var/bench, so that one can be measured again alone; the page
is written from all of them.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import cores, fidelity, linear, pairs, stored, whole
from benchmarks.machine import machine
from benchmarks.page import page
from benchmarks.sides import WARMING, prepare
from benchmarks.texts import ROOT, WORK, abstracts, write

PAGE = ROOT / "docs" / "benchmarks.md"
FIGURES = WORK / "figures.json"
GOLD = ROOT.parent / "shared" / "gold"
STARTS = 5
JOBS = (1, 2)
FOR_CORES = 300
"""Texts that each number of jobs reads, three times."""
FOR_STORE = 600
"""Articles of a store that each number of jobs reads whole, twice."""

Figures = dict[str, Any]


def _readers(given: argparse.Namespace) -> Figures:
    sides = [side for side in pairs.SHARES if side != "bert" or whole.can_import("torch")]
    prepare(sides)
    what, documents = abstracts(given.rounds * given.each + WARMING)
    costs = pairs.take_turns(write(documents, WORK / "texts.jsonl"), sides, given.rounds, given.each)
    return {"texts": what, "costs": {side: [cost._asdict() for cost in some] for side, some in costs.items()}}


def _whole(given: argparse.Namespace) -> Figures:
    _, documents = abstracts(whole.NIGHT + given.each)
    new = documents[: min(whole.NIGHT, given.rounds * given.each)]
    starts = [whole.first_finding() for _ in range(min(STARTS, given.rounds))]
    nights = [whole.night(new) for _ in range(min(3, given.rounds))]
    beside = ["ketmine", "lxml.iterparse"]
    if whole.can_import("pubmed_parser"):
        beside.append("pubmed_parser")
    return {
        "starts": starts,
        "nights": [(night.seconds, night.cpu, night.megabytes) for night in nights],
        "new": len(new),
        "xml": whole.xml_speeds(beside),
        "writes": whole.store_writes(documents, whole.place_for_store()),
    }


def _cores(given: argparse.Namespace) -> Figures:
    _, documents = abstracts(min(FOR_CORES, given.rounds * given.each))
    turns = [{jobs: cores.with_jobs(documents, jobs) for jobs in JOBS} for _ in range(min(3, given.rounds))]
    _, documents = abstracts(min(FOR_STORE, given.rounds * given.each))
    with stored.ingested(documents) as store:
        runs = [
            {jobs: stored.read_with(jobs, store, len(documents)) for jobs in JOBS}
            for _ in range(min(2, given.rounds))
        ]
    return {str(jobs): [turn[jobs] for turn in turns] for jobs in JOBS} | {
        "articles": len(documents),
        "stored": {jobs: [(run[jobs].seconds, run[jobs].cpu) for run in runs] for jobs in JOBS},
    }


def _linear(given: argparse.Namespace) -> Figures:
    reached = list(linear.read_all(given.limit))
    linear.draw(reached)
    return {"reached": reached}


def _fidelity(given: argparse.Namespace) -> Figures | None:
    if not (GOLD.exists() and whole.can_import("torch")):
        return None
    return {"core": fidelity.compare(GOLD / "dev.jsonl", GOLD / "score.py")}


PARTS: dict[str, Callable[[argparse.Namespace], Figures | None]] = {
    "readers": _readers,
    "whole": _whole,
    "cores": _cores,
    "linear": _linear,
    "fidelity": _fidelity,
}


def main() -> int:
    """Measure the parts, keep what they found, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=200, help="texts a round")
    parser.add_argument("--limit", type=int, help="records that `linear` reads at most")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    figures: Figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for name in given.parts or PARTS:
        began, where = time.perf_counter(), machine()
        found = PARTS[name](given)
        if found is None:
            print(f"{name}: left out, for it needs torch and the annotated abstracts", file=sys.stderr)
            continue
        figures[name] = found | {"machine": where, "seconds": time.perf_counter() - began}
        FIGURES.write_text(json.dumps(figures), encoding="utf-8")
        print(f"{name}: {figures[name]['seconds']:.0f} s", file=sys.stderr)
    given.page.write_text(page(json.loads(json.dumps(figures))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
