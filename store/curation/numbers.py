"""The desk's numbers at a glance: what waits and why, how fast it goes, how far people and machine can be trusted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from nlp.article import Record
from store.curation.agreement import DECISION, agreement
from store.curation.lane import lanes
from store.curation.queue import by_reason
from store.database import now
from store.tables import Decision, FindingRow, Status, StudyCondition
from store.transitions import MACHINE

DAYS: Final = 14
PAUSE: Final = timedelta(minutes=10)
"""Who decided nothing for so long was away: the time is no time of deciding."""


class Count(Record):
    """So many of something."""

    what: str
    count: int


class Day(Record):
    """How many decisions people made on a day (UTC)."""

    day: date
    decisions: int


class Agreed(Record):
    """How two blind curators agree on what becomes of a type: share, alpha with its interval."""

    type: str
    findings: int
    equal: float
    alpha: float | None
    low: float | None
    high: float | None


class LaneRecord(Record):
    """A type's accept lane; `precision` is that of the audit, None before anything of it was decided."""

    type: str
    threshold: float | None
    wanted: float
    decided: int
    audited: int
    precision: float | None
    low: float | None
    high: float | None


class Coverage(Record):
    """Of the findings in studies of a condition, how many people have settled."""

    condition: str
    findings: int
    settled: int


class Numbers(Record):
    """The whole page."""

    queue: tuple[Count, ...]
    days: tuple[Day, ...]
    median_seconds: float | None
    timed: int
    agreement: tuple[Agreed, ...]
    lanes: tuple[LaneRecord, ...]
    conditions: tuple[Coverage, ...]


def numbers(session: Session) -> Numbers:
    """Count everything."""
    moment = now()
    made = session.exec(
        select(Decision.curator, Decision.decided_at).where(
            Decision.curator != MACHINE, col(Decision.decided_at) >= moment - timedelta(days=90)
        )
    ).all()
    seconds = times(made)
    return Numbers(
        queue=tuple(Count(what=words, count=count) for words, count in by_reason(session)),
        days=tuple(days((at for _, at in made), moment.date())),
        median_seconds=median(seconds) if seconds else None,
        timed=len(seconds),
        agreement=tuple(
            Agreed(
                type=one.type,
                findings=one.findings,
                equal=one.equal,
                alpha=one.alpha,
                low=one.alpha_low,
                high=one.alpha_high,
            )
            for one in agreement(session).fields
            if one.field == DECISION
        ),
        lanes=lane_records(session),
        conditions=tuple(coverage(session)),
    )


def lane_records(session: Session) -> tuple[LaneRecord, ...]:
    """Give the accept lanes with their precision on the audit."""
    return tuple(
        LaneRecord(
            **{name: getattr(one, name) for name in ("type", "threshold", "wanted", "decided", "audited")},
            precision=one.precision.value if one.precision else None,
            low=one.precision.low if one.precision else None,
            high=one.precision.high if one.precision else None,
        )
        for one in lanes(session)
    )


def days(made: Iterable[datetime], today: date) -> list[Day]:
    """Count decisions on each of the last days, the last first."""
    counted = Counter(at.date() for at in made)
    recent = (today - timedelta(days=back) for back in range(DAYS))
    return [Day(day=day, decisions=counted[day]) for day in recent]


def times(made: Iterable[tuple[str, datetime]]) -> list[float]:
    """Give the seconds between a curator's decisions; a pause is none, nor are decisions of one moment."""
    by_curator: dict[str, list[datetime]] = {}
    for curator, at in made:
        by_curator.setdefault(curator, []).append(at)
    gaps = (after - before for moments in by_curator.values() for before, after in pairwise(sorted(moments)))
    return [gap.total_seconds() for gap in gaps if timedelta(0) < gap <= PAUSE]


def coverage(session: Session, most: int = 20) -> Sequence[Coverage]:
    """Say of each condition how many findings of its studies are settled, the most frequent first."""
    words = func.coalesce(StudyCondition.name, func.lower(StudyCondition.text))
    named = select(StudyCondition.pmid, words.label("name")).distinct().subquery()
    settled = case(
        (col(FindingRow.status).in_([Status.ACCEPTED, Status.CORRECTED, Status.REJECTED]), 1), else_=0
    )
    counted = (
        select(named.c.name, func.count(), func.sum(settled))
        .select_from(FindingRow)
        .join(named, named.c.pmid == FindingRow.pmid)
        .where(col(FindingRow.status) != Status.SUPERSEDED)
        .group_by(named.c.name)
        .order_by(func.count().desc(), named.c.name)
        .limit(most)
    )
    return [
        Coverage(condition=name, findings=count, settled=done or 0)
        for name, count, done in session.execute(counted)
    ]
