"""`python -m benchmarks.quick [--store]`: is reading slower than it was? Exit code 1 says yes.

Two minutes at most on a quiet machine. Our pipelines and two yardsticks, a spaCy pipeline of scispaCy's shape and our network
alone, on one thread each, take turns of a few texts, so that whatever else the machine does meets all of them. What counts is
the ratio of CPU-seconds over all texts: of `rules` to spaCy, and of `findings`, which is rules and network, to both together.
(A network that has grown slows both: that is seen by `make bench`.) It holds for this processor and these texts. What falls
below all ratios that are stored is measured again; it fails where the best of three is still below them.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.pairs import spread
from benchmarks.sides import WARMING, prepare, running
from benchmarks.texts import WORK, abstracts, write
from nlp.pipeline import TOGETHER

STORED = Path(__file__).parent / "ratios.json"
YARDSTICKS = {"findings": ("spacy", "network"), "rules": ("spacy",)}
"""Pipeline → what its CPU-seconds are held against."""

SIDES = (*YARDSTICKS, "spacy", "network")
TURNS = 12
EACH = 1 + TOGETHER
"""Texts a turn: the first that a pipeline is given it reads alone."""

TO_STORE, AT_MOST = 5, 3
"""How often ratios are measured that are stored, and of today: three below all of five is chance once in 56 times."""

Ratios = dict[str, float]
Measured = dict[str, list[float]]


def ratios(texts: Path) -> Ratios:
    """Measure once: how many times the CPU-seconds of a pipeline its yardsticks need."""
    cpu = dict.fromkeys(SIDES, 0.0)
    with ExitStack() as stack:
        sides = {side: stack.enter_context(running(side, texts)) for side in SIDES}
        for number in range(TURNS):
            turn = number % len(SIDES)
            for side in (*SIDES[turn:], *SIDES[:turn]):
                cpu[side] += sides[side](number * EACH, (number + 1) * EACH).cpu
    return {ours: round(sum(cpu[side] for side in held) / cpu[ours], 4) for ours, held in YARDSTICKS.items()}


def slower(stored: Mapping[str, Sequence[float]], today: Mapping[str, Sequence[float]]) -> list[str]:
    """Name the pipelines whose every ratio of today is below every stored one."""
    return [side for side, before in stored.items() if max(today[side]) < min(before)]


def measure_again(stored: Mapping[str, Sequence[float]], measure: Callable[[], Ratios]) -> Measured:
    """Measure today's ratios, again while a pipeline seems slower, three times at most."""
    today: Measured = {side: [] for side in stored}
    for _ in range(AT_MOST):
        for side, ratio in measure().items():
            today[side].append(ratio)
        if not slower(stored, today):
            break
    return today


def main() -> int:
    """Compare, or store."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quick", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--store", action="store_true", help="keep today's ratios as those to compare with")
    given = parser.parse_args()
    kept: dict[str, Measured] = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    prepare(SIDES)
    what, documents = abstracts(TURNS * EACH + WARMING)
    where, texts = f"{processor()}; {what}", write(documents, WORK / "quick.jsonl")
    if given.store:
        some = [ratios(texts) for _ in range(TO_STORE)]
        kept[where] = {side: [one[side] for one in some] for side in YARDSTICKS}
        STORED.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    stored = kept.get(where)
    if stored is None:
        print(f"Nothing is stored for {where}: run it with --store first.")
        return 2
    today = stored if given.store else measure_again(stored, lambda: ratios(texts))
    print(f"CPU-seconds of the yardsticks for one of ours; {where}")
    for side, held in YARDSTICKS.items():
        print(f"  {side:10}{spread(today[side], 2)}; stored {spread(stored[side], 2)}; {' and '.join(held)}")
    worse = slower(stored, today)
    if worse:
        print(f"slower than was stored: {', '.join(worse)}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
