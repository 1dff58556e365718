"""The accept lane: from which confidence findings need no person, and how right they are there, measured across folds."""

from collections.abc import Sequence
from typing import NamedTuple

from nlp.training.cross_validation import Judged
from store.pooling import Interval, wilson

WANTED = {"dose": 0.97, "adverse_event": 0.95, "outcome": 0.9}
"""Type → the precision at the core that its lane is to have."""
STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds at which the curve of a type is told."""
NOTE = (
    "# From which confidence a type's findings without a flag need no person, measured on annotated abstracts with the default\n"
    "# pipeline by `python -m benchmarks.held_out`. Chosen on nine tenths and counted on the tenth: of all findings of the\n"
    "# type how many are accepted, and of these the share right at their core, with the lower end of Wilson's 95 % interval.\n"
)


class Lane(NamedTuple):
    """A type's lane: its threshold (None: none reaches what is wanted), its size, and its precision, cross-validated."""

    type: str
    wanted: float
    threshold: float | None
    findings: int
    accepted: int
    precision: Interval | None


def lowest(found: Sequence[Judged], wanted: float) -> float | None:
    """Give the lowest chance from which enough of the unflagged findings is right, or None.

    >>> rows = [Judged("dose", chance, right, False, 0) for chance, right in ((0.9, True), (0.8, True), (0.7, False))]
    >>> lowest(rows, 0.9), lowest(rows[2:], 0.9)
    (0.8, None)
    """
    lowest_yet, right = None, 0
    ranked = sorted((one for one in found if not one.flagged), key=lambda one: -one.chance)
    for count, one in enumerate(ranked, 1):
        right += one.right
        last_of_its_chance = count == len(ranked) or ranked[count].chance < one.chance
        if last_of_its_chance and right >= wanted * count:
            lowest_yet = one.chance
    return lowest_yet


def lane(kind: str, found: Sequence[Judged], wanted: float) -> Lane:
    """Choose a type's threshold on all folds, and measure the choice on each fold by the threshold of the others."""
    accepted: list[Judged] = []
    for fold in {one.fold for one in found}:
        least = lowest([one for one in found if one.fold != fold], wanted)
        accepted += [
            one
            for one in found
            if one.fold == fold and least is not None and one.chance >= least and not one.flagged
        ]
    right = sum(one.right for one in accepted)
    return Lane(
        kind,
        wanted,
        lowest(found, wanted),
        len(found),
        len(accepted),
        wilson(right, len(accepted)) if accepted else None,
    )


def lanes(found: Sequence[Judged]) -> list[Lane]:
    """Measure the lane of each type."""
    return [lane(kind, [one for one in found if one.type == kind], wanted) for kind, wanted in WANTED.items()]


def lane_table(lanes: Sequence[Lane]) -> str:
    """Give the lanes in Markdown."""
    rows = [
        "| type | wanted | from a confidence of | share of findings | right at the core | Wilson's lower bound |",
        "|---|---|---|---|---|---|",
    ]
    for one in lanes:
        share = f"{one.accepted / max(1, one.findings):.3f} ({one.accepted} of {one.findings})"
        right, low = (
            (f"{one.precision.value:.3f}", f"{one.precision.low:.3f}") if one.precision else ("–", "–")
        )
        start = "none" if one.threshold is None else f"{one.threshold:.3f}"
        rows.append(
            f"| {one.type.replace('_', ' ')} | {one.wanted:.2f} | {start} | {share} | {right} | {low} |"
        )
    return "\n".join(rows)


def curve_table(found: Sequence[Judged]) -> str:
    """Give, for some thresholds, the share of each type's findings at or above it without a flag, and how many are right."""
    rows = [
        "| from a confidence of | "
        + " | ".join(f"{kind.replace('_', ' ')}s, right" for kind in WANTED)
        + " |",
        "|---|" + "---|" * len(WANTED),
    ]
    for step in STEPS:
        cells = []
        for kind in WANTED:
            of_kind = [one for one in found if one.type == kind]
            above = [one for one in of_kind if one.chance >= step and not one.flagged]
            right = f"{sum(one.right for one in above) / len(above):.3f}" if above else "–"
            cells.append(f"{len(above) / max(1, len(of_kind)):.3f}, {right}")
        rows.append(f"| {step} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def lane_rows(lanes: Sequence[Lane]) -> str:
    """Give the lanes as store/curation/lane.tsv has them; a type without a threshold has no line."""
    lines = ["type\tthreshold\twanted\tfindings\taccepted\tprecision\tlow"]
    lines += [
        f"{one.type}\t{one.threshold:.3f}\t{one.wanted}\t{one.findings}\t{one.accepted}\t{one.precision.value:.4f}\t{one.precision.low:.4f}"
        for one in lanes
        if one.threshold is not None and one.precision
    ]
    return NOTE + "\n".join(lines) + "\n"
