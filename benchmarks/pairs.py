"""Sides that take turns: in every round each reads the same texts, which no other round has."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.sides import Cost, measured

SHARES = {"findings": 1.0, "rules": 1.0, "spacy": 1.0, "bert": 0.1, "bert-int8": 0.1}
"""Side → how much of a round's texts it reads: what takes seconds a text reads fewer."""

Rounds = dict[str, list[Cost]]
"""Side → what each round cost it."""


def take_turns(texts: Path, sides: Sequence[str], rounds: int, each: int) -> Rounds:
    """Measure sides in turn, in another order each round, on `each` texts a round."""
    costs: Rounds = {side: [] for side in sides}
    for number in range(rounds):
        turn = number % len(sides)
        for side in (*sides[turn:], *sides[:turn]):
            start = number * each
            costs[side].append(measured(side, texts, start, start + max(1, round(SHARES[side] * each))))
    return costs


def ratios(costs: Rounds, one: str, other: str) -> list[float]:
    """Give how many times as fast one side was as another, round by round."""
    return [a.rate / b.rate for a, b in zip(costs[one], costs[other], strict=True)]


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Write the median and the range: `21.4 (20.9–22.0)`."""
    low, middle, high = (
        f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values))
    )
    return f"{middle} ({low}–{high})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Write a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def texts_read(costs: Mapping[str, Sequence[Cost]]) -> dict[str, int]:
    """Count the texts that each side read."""
    return {side: sum(cost.texts for cost in some) for side, some in costs.items()}
