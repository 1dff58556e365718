"""The queue: findings that need a person, most useful first, each with its reason in words; batches of it.

The order is a table of ranks, then by how much a decision would change: how uncertain the machine is, times
how many kinds of query the finding feeds. A finding of the accept lane needs no person unless it was drawn for
the audit, and then looks like any other.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, exists, false, func, not_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from nlp.errors import TransitionError
from store.articles import current_version
from store.curation.lane import draw, in_lane, thresholds
from store.curation.tables import LaneAudit, Lease, SavedQueue, Skip, WholeAbstract
from store.database import now
from store.filters import FindingQuery, clauses
from store.people.accounts import lookup
from store.people.rights import RIGHTS, Right, Role
from store.queries import WAITING, Item, items
from store.review import ConflictError
from store.tables import Decision, FindingFlag, FindingRow, Status

BATCH = 20
LEASE = timedelta(hours=2)
"""How many findings a batch has, and how long they are kept for one curator."""

SKIPS = {
    "unsure": "I cannot tell from the abstract",
    "full_text": "It needs the full text",
    "not_my_field": "It is outside my field",
    "later": "Another time",
}
"""Why a finding can be skipped: code → words."""


_Undo = aliased(Decision)
_Other = aliased(Lease)


class Waiting(NamedTuple):
    """A finding of the queue and why it stands where it stands."""

    item: Item
    reason: str


def _flag(*codes: str) -> ColumnElement[bool]:
    held = exists().where(col(FindingFlag.finding_id) == col(FindingRow.id), col(FindingFlag.code).in_(codes))
    return and_(col(FindingRow.flagged), held)


def _serious() -> ColumnElement[bool]:
    return and_(
        col(FindingRow.type) == "adverse_event",
        func.coalesce(FindingRow.serious, false()),
        col(FindingRow.assertion) != "absent",
    )


RANKS: tuple[tuple[str, ColumnElement[bool]], ...] = (
    ("Two curators disagree", col(FindingRow.status) == Status.NEEDS_ADJUDICATION),
    ("A serious adverse event", _serious()),
    ("A contradiction", _flag("contradiction", "disagrees")),
    (
        "The source was revised, corrected or retracted",
        _flag("source_retracted", "source_corrected", "source_deleted", "not_read_again"),
    ),
    ("Reopened", col(FindingRow.attention).is_(True)),
    ("Flagged", col(FindingRow.flagged).is_(True)),
)
"""Why a finding comes before others, the most useful first; the rest goes by what its decision would change."""

FEEDS = {
    "dose": ("route", "mg_per_kg_low", "mg_low", "infusion_minutes"),
    "outcome": ("effect", "instrument_curie", "domain", "timepoint_hours", "comparator", "condition_curie"),
    "adverse_event": ("concept_curie", "assertion", "rate", "comparison", "serious"),
}
"""By which of its fields a finding is asked for: each that is stated feeds one kind of query."""


def _fed() -> ColumnElement[int]:
    columns = dict.fromkeys(name for names in FEEDS.values() for name in names)
    stated = [case((getattr(FindingRow, name).is_not(None), 1), else_=0) for name in columns]
    return sum(stated[1:], stated[0])


def _gain() -> ColumnElement[float]:
    """Give uncertainty (1 at a confidence of one half, 0 at none and at certainty) times the queries fed.

    What was drawn for the audit stands where chance put it.
    """
    drawn = select(LaneAudit.queued_as).where(LaneAudit.finding_id == FindingRow.id).scalar_subquery()
    confidence = func.coalesce(drawn, col(FindingRow.confidence), 0.5)
    own = case((col(FindingRow.own_result), 1.0), else_=0.5)
    return 4.0 * confidence * (1.0 - confidence) * own * (1 + _fed())


def waits(curator: str | None, session: Session) -> list[ColumnElement[bool]]:
    """Give the conditions on findings that need a person; with a curator, that need this one now."""
    wanted = [*WAITING, not_(_needless(session))]
    if curator:
        mine = col(Skip.finding_id) == col(FindingRow.id), col(Skip.curator) == curator
        said = (
            col(Decision.finding_id) == col(FindingRow.id),
            col(Decision.curator) == curator,
            col(Decision.blind),
            col(Decision.undoes).is_(None),
            ~exists().where(col(_Undo.undoes) == col(Decision.id)),
        )
        wanted += [~exists().where(*mine), ~exists().where(*said), ~_taken(curator)]
        user = lookup(session, curator)
        if user and Right.ADJUDICATE not in RIGHTS[Role(user.role)]:
            wanted.append(col(FindingRow.status) != Status.NEEDS_ADJUDICATION)
    return wanted


def _taken(curator: str) -> ColumnElement[bool]:
    lease = col(_Other.finding_id) == col(FindingRow.id), col(_Other.curator) != curator
    return exists().where(*lease, col(_Other.until) > now())


def _needless(session: Session) -> ColumnElement[bool]:
    """Say that the lane accepts a finding, and the audit does not ask for it."""
    drawn = exists().where(col(LaneAudit.finding_id) == col(FindingRow.id))
    return and_(in_lane(session), not_(drawn))


def waiting(
    session: Session, curator: str | None = None, query: FindingQuery | None = None, *, limit: int = 50
) -> list[Waiting]:
    """List findings that need a person, most useful first; with a curator, those that this one may take.

    `query` narrows the queue as it narrows a list.
    """
    return _said(session, dict(_first(session, curator, query, limit)))


def _first(
    session: Session, curator: str | None, query: FindingQuery | None, limit: int
) -> list[tuple[str, int]]:
    """Give the ids of the first findings of the queue with their ranks.

    Sorted are ids alone: a database that sorts whole findings carries every text and value of the queue along.
    """
    rank = _rank()
    found = session.execute(
        select(FindingRow.id, rank)
        .where(*waits(curator, session), *(clauses(query, thresholds(session)) if query else ()))
        .order_by(rank, _gain().desc(), col(FindingRow.id))
        .limit(limit)
    )
    return [(key, number) for key, number in found]


def _rank() -> ColumnElement[int]:
    return case(*((condition, n) for n, (_, condition) in enumerate(RANKS)), else_=len(RANKS))


def _said(session: Session, ranks: Mapping[str, int]) -> list[Waiting]:
    """Give findings of the queue in the order of their ids, each with its reason."""
    found = {item.finding.id: item for item in items(session, list(ranks))}
    return [Waiting(found[key], _reason(found[key], rank)) for key, rank in ranks.items()]


def _reason(item: Item, rank: int) -> str:
    if rank < len(RANKS):
        return RANKS[rank][0]
    finding = item.finding
    fed = sum(getattr(finding, name) is not None for name in FEEDS[finding.type])
    # how sure the machine is would tell which findings are of the audit, and would sway the curator
    return f"Its decision bears on {fed} kind{'' if fed == 1 else 's'} of query"


def by_reason(session: Session) -> list[tuple[str, int]]:
    """Count the queue by reason, in its order."""
    rank = _rank()
    counted = select(rank, func.count()).select_from(FindingRow).where(*waits(None, session)).group_by(rank)
    numbers: dict[int, int] = {int(n): int(count) for n, count in session.execute(counted)}
    words = [*(words for words, _ in RANKS), "By what the decision would change"]
    return [(words[n], count) for n, count in sorted(numbers.items())]


def take_batch(
    session: Session,
    curator: str,
    query: FindingQuery | None = None,
    *,
    size: int = BATCH,
    more: bool = False,
) -> list[str]:
    """Lease the next findings of the queue to a curator; give their ids.

    An earlier batch of theirs is given back, or with `more` it goes on. Two curators who take at once get different
    findings: SQLite's writers stand in line, PostgreSQL's wait for one another here.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_BATCHES)))
    draw(session)
    held = left_of_batch(session, curator) if more else []
    if not more:
        give_back(session, curator)
    found = _first(session, curator, query, size + len(held))
    taken = [key for key, _ in found if key not in held][:size]
    mine = col(Lease.curator) == curator
    stale = col(Lease.finding_id).in_(taken), or_(col(Lease.until) <= now(), mine)
    session.execute(delete(Lease).where(*stale))  # what ran out is free
    until = now() + LEASE
    session.execute(update(Lease).where(mine).values(until=until))
    last = session.exec(select(func.max(Lease.place)).where(mine)).one()
    start = 0 if last is None else last + 1
    session.add_all(
        Lease(finding_id=key, curator=curator, place=n, until=until) for n, key in enumerate(taken, start)
    )
    session.flush()
    return taken


def reviewer(session: Session, name: str) -> str:
    """Give the name of someone who can be given a batch.

    Raises:
        TransitionError: there is nobody of the name, or they may not review.
    """
    user = lookup(session, name)
    if user is None or user.disabled or Right.REVIEW not in RIGHTS[Role(user.role)]:
        raise TransitionError(f"There is no curator named {name[:60]!r} who could be given a batch.")
    return user.name


_BATCHES = 0x6B65746D


def give_back(session: Session, curator: str) -> None:
    """End every lease of a curator."""
    session.execute(delete(Lease).where(col(Lease.curator) == curator))


def batch(session: Session, curator: str) -> list[Waiting]:
    """List what is left of a curator's batch, in its order."""
    left = _left(select(FindingRow.id, _rank()), curator)
    return _said(session, dict(tuple(row) for row in session.execute(left)))


def left_of_batch(session: Session, curator: str) -> list[str]:
    """Give the ids of what is left of a curator's batch, in its order."""
    return list(session.scalars(_left(select(FindingRow.id), curator)))


def _left(selected: Any, curator: str) -> Any:
    """Narrow a selection to what is left of a batch: a decision ends every lease of its finding, a skip that of its curator."""
    mine = col(Lease.finding_id) == FindingRow.id, col(Lease.curator) == curator, col(Lease.until) > now()
    return selected.join(Lease, and_(*mine)).where(*WAITING).order_by(col(Lease.place))


def next_waiting(
    session: Session, finding_id: str, curator: str | None, left: Sequence[str] | None = None
) -> str | None:
    """Give the id of the finding after this one: in the curator's batch, else in the queue as a whole.

    `left` is what is left of the batch, where that is known already.
    """
    if left is None:
        left = left_of_batch(session, curator) if curator else []
    if left or (curator and session.get(Lease, (finding_id, curator))):
        return next((other for other in left if other != finding_id), None)
    first = _first(session, curator, None, limit=2)
    return next((other for other, _ in first if other != finding_id), None)


def skip(session: Session, finding_id: str, curator: str, reason: str) -> None:
    """Pass over a finding, for this curator and for good, with a reason of SKIPS.

    Raises:
        TransitionError: the reason is none, or there is no such finding.
    """
    if reason not in SKIPS:
        raise TransitionError(f"To skip, give one of these reasons: {', '.join(SKIPS)}.")
    if session.get(FindingRow, finding_id) is None:
        raise TransitionError(f"There is no finding {finding_id[:60]}.")
    session.merge(Skip(finding_id=finding_id, curator=curator, reason=reason, skipped_at=now()))
    session.execute(delete(Lease).where(col(Lease.finding_id) == finding_id, col(Lease.curator) == curator))
    session.flush()


def whole(session: Session, version_id: int | None) -> list[str]:
    """Name the curators who say that a version of an abstract holds nothing beside its findings."""
    said = select(WholeAbstract.curator).where(WholeAbstract.version_id == version_id)
    return list(session.exec(said.order_by(col(WholeAbstract.said_at))))


def complete(session: Session, pmid: str, curator: str, *, number: int, note: str | None = None) -> None:
    """Keep a curator's word that an abstract, in the version of this number, says nothing beside its findings.

    Raises:
        ConflictError: the article was revised meanwhile.
        NotHeldError: it is not held.
    """
    version = current_version(session, pmid)
    if version.number != number:
        raise ConflictError(f"PMID {pmid} was revised after you opened it: read it again.")
    said = WholeAbstract(
        version_id=version.id or 0, curator=curator, pmid=pmid, note=note or None, said_at=now()
    )
    session.merge(said)
    session.flush()


def saved(session: Session, curator: str | None) -> list[SavedQueue]:
    """List a curator's saved queues, by name."""
    held = select(SavedQueue).where(SavedQueue.curator == curator).order_by(col(SavedQueue.name))
    return list(session.exec(held))


def save(session: Session, curator: str, name: str, filters: Sequence[tuple[str, str]]) -> None:
    """Keep filters under a name, or forget that name when there are none."""
    held = session.get(SavedQueue, (curator, name))
    if held and not filters:
        session.delete(held)
    elif filters:
        session.merge(SavedQueue(curator=curator, name=name, filters=[list(pair) for pair in filters]))
    session.flush()
