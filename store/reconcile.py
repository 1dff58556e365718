"""Which stored claim a new finding is: one to one, by overlap of anchors and equality of core fields."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

Value = dict[str, Any]
"""A finding in the exchange format."""

OVERLAP = 0.3
"""Least share of their union that two anchors of one claim have in common, as in the scorer."""

CORE = {
    "dose": ("low", "high", "unit"),
    "adverse_event": ("assertion",),
    "outcome": ("direction", "comparator", "timepoint"),
}
"""What makes a claim this claim and no other, beside its type, drug and words."""

READERS_OWN = {"id", "provenance", "confidence", "flags", "drug_concept", "doses"}
"""What two readings may say differently while they say the same of the abstract."""


_WORD = re.compile(r"\w+|\W")


class Stored(NamedTuple):
    """A claim as it is kept: its id, its value, and its anchor where that stands in the new text."""

    id: str
    value: Value
    anchor: tuple[int, int] | None


def moved(old: str, new: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """Map half-open spans of an old text into its revision; None where the words did not survive whole."""
    if old == new:
        return list(spans)
    # by words: by characters the time grows with the square of an abstract's length
    before, after = ([match.span() for match in _WORD.finditer(text)] for text in (old, new))
    matcher = SequenceMatcher(
        None, [old[s:e] for s, e in before], [new[s:e] for s, e in after], autojunk=False
    )
    blocks = [
        (before[block.a][0], before[block.a + block.size - 1][1], after[block.b][0] - before[block.a][0])
        for block in matcher.get_matching_blocks()
        if block.size
    ]
    return [
        next(((start + by, end + by) for first, last, by in blocks if first <= start and end <= last), None)
        for start, end in spans
    ]


def pair(stored: Sequence[Stored], read: Sequence[Value]) -> dict[int, str]:
    """Pair new findings with stored claims: {index in `read`: stored id}; each at most once.

    The pair that agrees most is taken first; equal pairs in the order of the text, so that the same input
    always gives the same pairs.
    """
    scored = sorted(
        (-score, index, position)
        for index, value in enumerate(read)
        for position, claim in enumerate(stored)
        if (score := _likeness(claim, value)) > 0
    )
    pairs: dict[int, str] = {}
    taken: set[int] = set()
    for _, index, position in scored:
        if index not in pairs and position not in taken:
            pairs[index] = stored[position].id
            taken.add(position)
    return pairs


def _likeness(claim: Stored, value: Value) -> float:
    if claim.value["type"] != value["type"] or claim.value["drug"] != value["drug"] or claim.anchor is None:
        return 0.0
    common = share(claim.anchor, tuple(value["anchor"]))
    if common < OVERLAP:
        return 0.0
    core = CORE[value["type"]]
    equal = sum(claim.value.get(name) == value.get(name) for name in core) / len(core)
    return 1000.0 * (claim.id == value["id"]) + 10.0 * equal + common


def share(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Give the intersection of two half-open spans over their union."""
    common = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    union = (a[1] - a[0]) + (b[1] - b[0]) - common
    return common / union if union else 0.0


def differences(decided: Value, read: Value) -> list[str]:
    """Name the fields in which a reading contradicts what was decided; words and offsets are no field."""
    places = {"anchor", "anchor_text", "evidence", "evidence_text", "section", "spans", "unlinked"}
    names = (set(decided) | set(read)) - READERS_OWN - places
    return sorted(name for name in names if decided.get(name) != read.get(name))
