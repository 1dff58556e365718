"""What people settled, beside what the machine said: the one source of every figure on how well it reads.

A finding is settled when it is accepted, corrected or rejected and no part of that was undone; a blind pair counts
once, as it was settled. A finding that a person added is one that the machine missed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlmodel import Session, col, select

from store.curation import studies
from store.curation.tables import StudyDecision
from store.findings import BY_HAND
from store.reconcile import OVERLAP
from store.review import standing
from store.tables import Decision, FindingRow, Status, StudyRow
from store.transitions import Event

Value = Mapping[str, Any]
"""A finding in the exchange format."""

CORE: Final[Mapping[str, tuple[str, ...]]] = {
    "dose": ("drug", "low", "high", "unit"),
    "adverse_event": ("drug", "assertion"),
    "outcome": ("drug", "direction"),
}
"""Type → the fields that make a finding right or wrong at its core, as in the scorer and in `confidence`."""

ANNOTATED: Final[Mapping[str, tuple[str, ...]]] = {
    "dose": ("drug", "low", "high", "unit", "route", "infusion", "schedule"),
    "adverse_event": ("drug", "assertion", "comparison", "rate", "transient", "serious"),
    "outcome": (
        *("drug", "direction", "effect", "comparator", "timepoint"),
        *("value", "comparator_value", "ci", "p_value"),
    ),
}
"""Type → the fields that annotated abstracts have, the drug first."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    kind: (*fields, "own_result") for kind, fields in ANNOTATED.items()
}
"""Type → the fields that a curator decides on."""

SETTLED: Final = (Status.ACCEPTED, Status.CORRECTED, Status.REJECTED)


class Reviewed(NamedTuple):
    """A settled finding.

    `said` is the machine's value when it was settled, `live` what the reading that stands says; both are None of a finding
    that a person added, `live` also where that no longer says it. `holds` is None of a rejected one.
    """

    id: str
    pmid: str
    type: str
    at: datetime
    said: Value | None
    live: Value | None
    holds: Value | None
    flagged: bool


def reviewed(session: Session) -> Iterator[Reviewed]:
    """Give every settled finding, in no order that matters."""
    stands = {row[0]: row[1] for row in session.execute(select(StudyRow.pmid, StudyRow.reading_id))}
    acts = (
        select(Decision, FindingRow)
        .join(FindingRow, col(FindingRow.id) == Decision.finding_id)
        .where(col(FindingRow.status).in_(SETTLED))
        .order_by(col(Decision.finding_id), col(Decision.id))
    )
    for _, group in groupby(session.exec(acts), key=lambda pair: pair[1].id):
        pairs = list(group)
        row, kept = pairs[0][1], standing([act for act, _ in pairs])
        if kept:
            yield _settled(row, kept[-1], row.reading_id == stands[row.pmid])


def _settled(row: FindingRow, act: Decision, read: bool) -> Reviewed:
    by_hand = row.record["provenance"]["pipeline"] == BY_HAND
    return Reviewed(
        id=row.id,
        pmid=row.pmid,
        type=row.type,
        at=act.decided_at,
        said=None if by_hand else act.machine,
        live=row.record if read and not by_hand else None,
        holds=None if row.status == Status.REJECTED else (row.decided or row.record),
        flagged=bool(act.machine.get("flags")) and act.action != Event.ADD,
    )


class ReviewedStudy(NamedTuple):
    """A study whose profile a person decided on: what the newest reading says of it, and what holds."""

    pmid: str
    at: datetime
    live: Value
    holds: Value


def reviewed_studies(session: Session) -> Iterator[ReviewedStudy]:
    """Give every study that a person decided on, in the order of PMIDs."""
    acts = (
        select(StudyDecision, StudyRow.machine)
        .join(StudyRow, col(StudyRow.pmid) == StudyDecision.pmid)
        .where(col(StudyRow.machine).is_not(None))
        .order_by(col(StudyDecision.pmid), col(StudyDecision.id))
    )
    for pmid, group in groupby(session.exec(acts), key=lambda pair: pair[0].pmid):
        pairs = list(group)
        last = studies.standing([act for act, _ in pairs])[-1]
        yield ReviewedStudy(pmid, last.decided_at, pairs[0][1] or {}, last.value)


def right(said: Value | None, holds: Value | None) -> bool:
    """Say whether a reading is right at its core: its words overlap those that hold, and the core fields are equal."""
    if said is None or holds is None:
        return False
    same = all(said.get(field) == holds.get(field) for field in CORE[str(holds["type"])])
    return same and share(said["anchor"], holds["anchor"]) >= OVERLAP


def share(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Give the share of their union that two half-open spans have in common.

    >>> share((0, 10), (5, 10))
    0.5
    """
    common = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    union = one[1] - one[0] + other[1] - other[0] - common
    return common / union if union else 0.0
