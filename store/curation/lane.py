"""The accept lane: machine's findings that need no person, because their like was right often enough.

From which confidence that is, is refitted from decisions (`refit`), and may begin with what was measured on annotated
abstracts (lane.tsv); how right the lane is, is estimated on a random sample of it that curators are given among the rest
(`draw`), by Wilson's interval.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlmodel import Session, col, func, select

from store.curation.double import drawn, uniform
from store.curation.reviewed import Reviewed, reviewed, right
from store.curation.tables import LaneAudit, LaneThreshold
from store.database import now
from store.filters import Thresholds
from store.pooling import Interval, wilson
from store.tables import FindingRow, Status

TYPES: Final = ("dose", "outcome", "adverse_event")
WANTED: Final = 0.95
"""The precision at the core that a lane is opened for, unless another is asked for."""

AUDITED: Final = 0.05
"""The share of the lane that is drawn for curators."""

LEAST: Final = 50
"""How many decisions at or above a threshold it takes at least."""


MEASURED: Final = Path(__file__).with_name("lane.tsv")
"""What `python -m benchmarks.held_out` measured with the default pipeline: thresholds to begin with."""


class Measured(NamedTuple):
    """A threshold that was measured on annotated abstracts, and the precision of the lane that it opens."""

    threshold: float
    precision: float
    low: float


@lru_cache(maxsize=1)
def measured() -> Mapping[str, Measured]:
    """Read the measured threshold of each type that has one."""
    with MEASURED.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        return {
            row["type"]: Measured(*(float(row[name]) for name in ("threshold", "precision", "low")))
            for row in rows
        }


class Lane(NamedTuple):
    """A type's lane: its threshold (None: closed), what was asked for, and its precision on the audit."""

    type: str
    threshold: float | None
    wanted: float
    decided: int
    precision: Interval | None
    audited: int


def thresholds(session: Session) -> Thresholds:
    """Give from which confidence each type needs no person; a type without one always does."""
    held = select(LaneThreshold).where(col(LaneThreshold.threshold).is_not(None))
    return {row.type: float(row.threshold or 0) for row in session.exec(held)}


def in_lane(session: Session) -> ColumnElement[bool]:
    """Say that a finding is sure enough, pending and unflagged, whether drawn for the audit or not."""
    sure = [
        and_(col(FindingRow.type) == kind, col(FindingRow.confidence) >= least)
        for kind, least in thresholds(session).items()
    ]
    if not sure:
        return col(FindingRow.id).is_(None)
    return and_(or_(*sure), col(FindingRow.status) == Status.PENDING, not_(col(FindingRow.flagged)))


def refit(session: Session, wanted: float = WANTED, *, begin: bool = False) -> list[Lane]:
    """Fit each type's threshold to the decisions, estimate its precision on the audit, and draw the next audit.

    A threshold is the lowest confidence from which, over at least LEAST settled findings that carried no flag, the
    lower end of Wilson's 95 % interval of those right at their core reaches `wanted`, and above which the audit does
    not refute it (the upper end of its interval reaches `wanted` too). Where none does, the lane is closed. What is
    decided beside the audit is what the queue puts first, the harder part: that errs towards a closed lane.

    With `begin`, a type with fewer than LEAST such findings takes the threshold measured on annotated abstracts, if the
    precision measured there reaches `wanted` and the audit does not refute it.
    """
    drawn_ids = set(session.exec(select(LaneAudit.finding_id)))
    settled = [one for one in reviewed(session) if one.said is not None]
    lanes = []
    for kind in TYPES:
        known = [one for one in settled if one.type == kind and not one.flagged]
        audit = [one for one in known if one.id in drawn_ids]
        threshold = lowest(_scored(known), _scored(audit), wanted)
        if begin and len(_scored(known)) < LEAST:
            threshold = first(measured().get(kind), _scored(audit), wanted)
        lanes.append(_keep(session, kind, threshold, wanted, known, audit))
    session.flush()
    draw(session, everything=True)
    return lanes


Scored = Sequence[tuple[float, bool]]
"""Settled findings as (confidence, right)."""


def _scored(found: Iterable[Reviewed]) -> Scored:
    scored = [((one.said or {}).get("confidence"), right(one.said, one.holds)) for one in found]
    return [(float(sure), correct) for sure, correct in scored if sure is not None]


def lowest(decided: Scored, audit: Scored, wanted: float) -> float | None:
    """Give the lowest confidence from which enough is right, or None.

    >>> lowest([(0.9, True)] * 80 + [(0.5, False)] * 20, [], 0.95)
    0.9
    """
    found = None
    for least in sorted({sure for sure, _ in decided}, reverse=True):
        above = precision(decided, least)
        if above is None or sum(sure >= least for sure, _ in decided) < LEAST:
            continue
        checked = precision(audit, least)
        if above.low >= wanted and (checked is None or checked.high >= wanted):
            found = least
    return found


def first(told: Measured | None, audit: Scored, wanted: float) -> float | None:
    """Give a measured threshold where its precision reaches what is wanted and the audit does not refute it.

    >>> first(Measured(0.9, 0.97, 0.94), [], 0.95), first(Measured(0.9, 0.93, 0.9), [], 0.95)
    (0.9, None)
    """
    if told is None or told.precision < wanted:
        return None
    checked = precision(audit, told.threshold)
    return told.threshold if checked is None or checked.high >= wanted else None


def precision(scored: Scored, least: float) -> Interval | None:
    """Give the share right among those at least so sure, with Wilson's interval; None of none."""
    above = [correct for sure, correct in scored if sure >= least]
    return wilson(sum(above), len(above)) if above else None


def _keep(
    session: Session,
    kind: str,
    threshold: float | None,
    wanted: float,
    known: Sequence[Reviewed],
    audit: Sequence[Reviewed],
) -> Lane:
    scored = _scored(audit)
    estimate = None if threshold is None else precision(scored, threshold)
    row = LaneThreshold(
        type=kind,
        threshold=threshold,
        wanted=wanted,
        precision=estimate.value if estimate else None,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        decided=len(known),
        fitted_at=now(),
    )
    session.merge(row)
    return _lane(row, audit_of(scored, threshold))


def audit_of(scored: Scored, threshold: float | None) -> int:
    """Count the audited findings that are in the lane by its present threshold."""
    return 0 if threshold is None else sum(sure >= threshold for sure, _ in scored)


def _lane(row: LaneThreshold, audited: int) -> Lane:
    known = row.precision is not None
    estimate = Interval(row.precision or 0, row.low or 0, row.high or 0) if known else None
    return Lane(row.type, row.threshold, row.wanted, row.decided, estimate, audited)


def lanes(session: Session) -> list[Lane]:
    """List the lanes with their precision on the audit as it stands now."""
    drawn_ids = set(session.exec(select(LaneAudit.finding_id)))
    audit = [one for one in reviewed(session) if one.id in drawn_ids and one.said is not None]
    out = []
    for row in session.exec(select(LaneThreshold).order_by(col(LaneThreshold.type))):
        scored = _scored(one for one in audit if one.type == row.type)
        estimate = None if row.threshold is None else precision(scored, row.threshold)
        count = audit_of(scored, row.threshold)
        out.append(_lane(row, count)._replace(precision=estimate))
    return out


def warnings(session: Session) -> list[str]:
    """Say of each open lane whose audit refutes it what an admin should know; it stays open until it is fitted again."""
    if not thresholds(session):
        return []
    return [_warning(one, one.precision) for one in lanes(session) if one.precision and refuted(one)]


def refuted(lane: Lane) -> bool:
    """Say whether the audit shows a lane to be less precise than was asked for, by more than chance."""
    return lane.threshold is not None and lane.precision is not None and lane.precision.high < lane.wanted


def _warning(lane: Lane, audit: Interval) -> str:
    return (
        f"The accept lane of {lane.type.replace('_', ' ')}s is less often right than was asked for: "
        f"{audit.value:.0%} of {lane.audited} audited findings (95 % {audit.low:.0%} to {audit.high:.0%}) where "
        f"{lane.wanted:.0%} was wanted. `ketmine curation refit` fits it again."
    )


def draw(session: Session, *, everything: bool = False) -> int:
    """Draw what is new in the lane for the audit; give how many were drawn.

    Which ones, the finding's own id decides, so that nobody can steer it. Each gets a chance place in the queue:
    by how sure it is, it would come last of all and be known for what it is.
    """
    if not thresholds(session):
        return 0
    fitted = session.exec(select(func.max(LaneThreshold.fitted_at))).one()
    last = session.exec(select(func.max(LaneAudit.drawn_at))).one()
    wanted = select(FindingRow.id).where(
        in_lane(session), col(FindingRow.id).not_in(select(LaneAudit.finding_id))
    )
    if not everything:
        wanted = wanted.where(col(FindingRow.updated_at) >= max(filter(None, (fitted, last))))
    taken = [key for key in session.exec(wanted) if drawn(key, AUDITED, "audit")]
    moment = now()
    session.add_all(
        LaneAudit(finding_id=key, drawn_at=moment, queued_as=uniform(key, "place")) for key in taken
    )
    session.flush()
    return len(taken)


def words(found: Mapping[str, float]) -> str:
    """Say the thresholds, for a sentence."""
    return ", ".join(f"{kind.replace('_', ' ')} from {least:.2f}" for kind, least in sorted(found.items()))
