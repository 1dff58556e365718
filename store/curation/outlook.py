"""The yield curve: what the next reviews would bring, and what the last ones brought.

The estimator. Of each waiting finding, in the order of the queue, the chance that a curator changes it (corrects it at
its core, or rejects it) is the share of settled findings of its type and tenth of confidence that were changed,
drawn towards what the machine itself says by as much as five decisions weigh: (changed + 5 (1 - confidence)) / (n + 5);
a finding without confidence counts as one half. The curve is the running sum of these chances; its interval is that of
a sum of independent Bernoulli draws. It says how many machine errors the next reviews would put right.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Final

from sqlmodel import Session

from nlp.article import Record
from store.curation.queue import waiting
from store.curation.reviewed import Reviewed, reviewed, right
from store.tables import FindingRow

NEXT: Final = 50
STEP: Final = 10
PRIOR: Final = 5.0
"""How many decisions the machine's own word weighs."""


class YieldPoint(Record):
    """After so many reviews, so many errors are expected to be put right, with a 95 % interval."""

    reviews: int
    expected: float
    low: float
    high: float
    serious: int


class Outlook(Record):
    """The curve over the next reviews; `brought` is how many errors each fifty reviews so far put right, the last last."""

    waiting: int
    curve: tuple[YieldPoint, ...]
    brought: tuple[int, ...]


Cell = tuple[str, int]


def cell(kind: str, confidence: float | None) -> Cell:
    """Give the type and the tenth of confidence by which findings are compared."""
    return kind, -1 if confidence is None else min(int(confidence * 10), 9)


def chances(settled: Iterable[Reviewed]) -> tuple[Mapping[Cell, int], Mapping[Cell, int]]:
    """Count settled findings of the machine's, and those that people changed, by cell."""
    total: Counter[Cell] = Counter()
    changed: Counter[Cell] = Counter()
    for one in settled:
        if one.said is not None:
            where = cell(one.type, one.said.get("confidence"))
            total[where] += 1
            changed[where] += not right(one.said, one.holds)
    return total, changed


def chance(
    kind: str, confidence: float | None, counts: tuple[Mapping[Cell, int], Mapping[Cell, int]]
) -> float:
    """Give the chance that a person changes such a finding.

    >>> chance("dose", 0.9, ({}, {})), chance("dose", 0.95, ({("dose", 9): 15}, {("dose", 9): 15}))
    (0.09999999999999998, 0.7625)
    """
    total, changed = counts
    where = cell(kind, confidence)
    doubt = 0.5 if confidence is None else 1 - confidence
    return (changed.get(where, 0) + PRIOR * doubt) / (total.get(where, 0) + PRIOR)


def outlook(session: Session, reviews: int = NEXT) -> Outlook:
    """Estimate what the next reviews of the queue would bring."""
    settled = sorted((one for one in reviewed(session) if one.said is not None), key=lambda one: one.at)
    ahead = [entry.item.finding for entry in waiting(session, limit=reviews)]
    fixed = [not right(one.said, one.holds) for one in settled]
    whole = len(fixed) - len(fixed) % NEXT
    brought = tuple(sum(fixed[start : start + NEXT]) for start in range(0, whole, NEXT))
    return Outlook(waiting=len(ahead), curve=tuple(curve(ahead, chances(settled))), brought=brought)


def curve(
    ahead: Sequence[FindingRow], counts: tuple[Mapping[Cell, int], Mapping[Cell, int]]
) -> Iterable[YieldPoint]:
    """Add the chances up, a point every ten reviews and at the end."""
    expected = variance = 0.0
    serious = 0
    for number, row in enumerate(ahead, 1):
        odds = chance(row.type, row.confidence, counts)
        expected, variance = expected + odds, variance + odds * (1 - odds)
        serious += bool(row.serious)
        if number % STEP == 0 or number == len(ahead):
            spread = 1.96 * sqrt(variance)
            yield YieldPoint(
                reviews=number,
                expected=expected,
                low=max(0.0, expected - spread),
                high=min(float(number), expected + spread),
                serious=serious,
            )
