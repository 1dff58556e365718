"""`python -m benchmarks.quick [--store]`: is reading slower than it was? Two minutes at most; exit code 1 says yes.

Our pipelines and a spaCy pipeline of scispaCy's shape take turns on one thread each. What counts is the ratio of their speeds in
CPU-seconds, which another load or another clock rate leaves as it is, against the ratios that are stored for this processor and
these texts. It fails where the best round of today is worse than the worst that is stored.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.pairs import ratios, spread, take_turns
from benchmarks.sides import WARMING, prepare
from benchmarks.texts import WORK, abstracts, write

STORED = Path(__file__).parent / "ratios.json"
SIDES = ("findings", "rules", "spacy")
ROUNDS = 5
EACH = 40
"""Texts a round: the default pipeline needs two seconds for them."""

Ratios = dict[str, list[float]]


def now() -> tuple[str, Ratios]:
    """Measure; give what the ratios hold for, and the ratios of our pipelines to the yardstick, round by round."""
    prepare(SIDES)
    what, documents = abstracts(ROUNDS * EACH + WARMING)
    costs = take_turns(write(documents, WORK / "quick.jsonl"), SIDES, ROUNDS, EACH)
    return f"{processor()}; {what}", {
        side: [round(ratio, 4) for ratio in ratios(costs, side, "spacy")] for side in SIDES[:2]
    }


def slower(stored: Mapping[str, Sequence[float]], today: Mapping[str, Sequence[float]]) -> list[str]:
    """Name the pipelines whose every ratio is below every stored one: by chance once in 252 times."""
    return [side for side, before in stored.items() if max(today[side]) < min(before)]


def main() -> int:
    """Compare, or store."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quick", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--store", action="store_true", help="keep today's ratios as those to compare with")
    given = parser.parse_args()
    kept: dict[str, Ratios] = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    where, today = now()
    print(f"times as fast as a spaCy pipeline of scispaCy's shape; {where}")
    stored = kept.get(where)
    for side, values in today.items():
        before = f"; stored {spread(stored[side], 2)}" if stored else ""
        print(f"  {side:10}{spread(values, 2)}{before}")
    if given.store:
        STORED.write_text(
            json.dumps(kept | {where: today}, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        return 0
    if stored is None:
        print("Nothing is stored for this processor and these texts: run it with --store first.")
        return 2
    worse = slower(stored, today)
    if worse:
        print(f"slower than was stored: {', '.join(worse)}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
