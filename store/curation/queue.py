"""The queue: findings that need a person, most useful first, each with its reason in words; batches of it.

The order is a table of ranks, then by how much a decision would change: how uncertain the machine is, times
how many kinds of query the finding feeds (`store.curation.ranks`). A finding of the accept lane needs no person
unless it was drawn for the audit, and then looks like any other.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, not_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from nlp.errors import TransitionError
from store.articles import current_version
from store.curation.lane import draw, in_lane, thresholds
from store.curation.ranks import FEEDS, RANKS, drawn_gain, gain, own_rank, unindexed_gain, unindexed_rank
from store.curation.tables import LaneAudit, Lease, SavedQueue, Skip, WholeAbstract
from store.database import now, rows
from store.filters import FindingQuery, clauses
from store.people.accounts import lookup
from store.people.rights import RIGHTS, Right, Role
from store.queries import WAITING, Item, count, items
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
_Drawn = aliased(LaneAudit)


class Waiting(NamedTuple):
    """A finding of the queue and why it stands where it stands."""

    item: Item
    reason: str


def _flag(*codes: str) -> ColumnElement[bool]:
    held = exists().where(col(FindingFlag.finding_id) == col(FindingRow.id), col(FindingFlag.code).in_(codes))
    return and_(col(FindingRow.flagged), held)


CODED = {n: rank.codes for n, rank in enumerate(RANKS) if rank.codes}
CODES = tuple(code for codes in CODED.values() for code in codes)
BEFORE, AFTER = own_rank < min(CODED), own_rank > max(CODED)
"""The ranks before and after those that a finding's flags give: the index knows them, and no two overlap."""


def _coded() -> ColumnElement[bool]:
    """Say that a finding has a rank by its flags; found by the flags, which are fewer."""
    flags = select(FindingFlag.finding_id).where(col(FindingFlag.code).in_(CODES))
    return and_(col(FindingRow.id).in_(flags), col(FindingRow.flagged), unindexed_rank > max(CODED))


def _by_flags() -> ColumnElement[int]:
    return case(*((_flag(*codes), n) for n, codes in CODED.items()))


def _open_to(curator: str | None, session: Session) -> list[ColumnElement[bool]]:
    """Give the conditions on what waits for a person at all; with a curator, for this one now."""
    wanted = [not_(_needless(session))] if thresholds(session) else []
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
    drawn = exists().where(col(LaneAudit.finding_id) == col(FindingRow.id)).correlate(FindingRow)
    return and_(in_lane(session), not_(drawn))


def waiting(
    session: Session, curator: str | None = None, query: FindingQuery | None = None, *, limit: int = 50
) -> list[Waiting]:
    """List findings that need a person, most useful first; with a curator, those that this one may take.

    `query` narrows the queue as it narrows a list.
    """
    return _said(session, dict(_first(session, curator, query, limit)))


Row = tuple[str, int, float]
"""A finding's id, its rank, and what its decision would change."""


def _first(
    session: Session, curator: str | None, query: FindingQuery | None, limit: int
) -> list[tuple[str, int]]:
    """Give the ids of the first findings of the queue with their ranks; what was drawn for the audit is put among them."""
    where = [*_open_to(curator, session), *(clauses(query, thresholds(session)) if query else ())]
    drawn = select(_Drawn.finding_id)
    if session.scalars(drawn.limit(1)).first() is None:
        return [row[:2] for row in _walked(session, query, where, limit)]
    rest = _walked(session, query, [*where, col(FindingRow.id).not_in(drawn)], limit)
    audit = select(FindingRow.id, _rank(), drawn_gain).join(LaneAudit)
    audit = audit.where(col(FindingRow.id).in_(drawn), unindexed_rank.is_not(None), *where)
    placed = sorted([*rest, *_in_order(session, audit, drawn_gain, limit)], key=_place)
    return [row[:2] for row in placed[:limit]]


FEW = 10_000
"""So many findings of a filter are looked up and sorted; where more fit, the queue is walked until enough are found."""


def _walked(session: Session, query: FindingQuery | None, where: Sequence[Any], limit: int) -> list[Row]:
    if query and count(session, query, most=FEW) < FEW:
        few = select(FindingRow.id, _rank(), unindexed_gain).where(unindexed_rank.is_not(None), *where)
        return _in_order(session, few, unindexed_gain, limit)
    found: list[Row] = []
    for condition, rank in (
        (BEFORE, own_rank),
        (_coded(), _by_flags()),
        (and_(AFTER, not_(_flag(*CODES))), own_rank),
    ):
        if len(found) < limit:
            wanted = select(FindingRow.id, rank, gain).where(condition, *where)
            found += _in_order(session, wanted, gain, limit - len(found))
    return found


def _in_order(session: Session, wanted: Any, change: Any, most: int) -> list[Row]:
    rank = wanted.selected_columns[1]
    ordered = wanted.order_by(rank, change.desc(), col(FindingRow.id)).limit(most)
    return [(key, number, much) for key, number, much in session.execute(ordered)]


def _place(row: Row) -> tuple[int, float, str]:
    key, rank, change = row
    return rank, -change, key


def _rank() -> ColumnElement[int]:
    return case((BEFORE, own_rank), *((_flag(*codes), n) for n, codes in CODED.items()), else_=own_rank)


def _said(session: Session, ranks: Mapping[str, int]) -> list[Waiting]:
    """Give findings of the queue in the order of their ids, each with its reason."""
    found = {item.finding.id: item for item in items(session, list(ranks))}
    return [Waiting(found[key], _reason(found[key], rank)) for key, rank in ranks.items()]


def _reason(item: Item, rank: int) -> str:
    if rank < len(RANKS):
        return RANKS[rank].words
    finding = item.finding
    fed = sum(getattr(finding, name) is not None for name in FEEDS[finding.type])
    # how sure the machine is would tell which findings are of the audit, and would sway the curator
    return f"Its decision bears on {fed} kind{'' if fed == 1 else 's'} of query"


def by_reason(session: Session) -> list[tuple[str, int]]:
    """Count the queue by reason, in its order."""
    where = _open_to(None, session)
    numbers: Counter[int] = Counter()
    each = select(func.count()).select_from(FindingRow).where(*where)
    for own in set(range(len(RANKS) + 1)) - set(CODED):  # one by one, each is counted in the index alone
        numbers[own] = session.scalars(each.where(own_rank == own)).one()
    tier = _by_flags()
    moved = select(own_rank, tier, func.count()).select_from(FindingRow).where(_coded(), *where)
    for own, number, n in session.execute(moved.group_by(own_rank, tier)):
        numbers[own] -= n
        numbers[number] += n
    words = [*(rank.words for rank in RANKS), "By what the decision would change"]
    return [(words[rank], n) for rank, n in sorted(numbers.items()) if n]


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
    left = rows(session, _BATCH, curator=curator, moment=now())
    return _said(session, dict(tuple(row) for row in left))


def left_of_batch(session: Session, curator: str) -> list[str]:
    """Give the ids of what is left of a curator's batch, in its order."""
    return list(rows(session, _LEFT, curator=curator, moment=now()).scalars())


def _left(*selected: Any) -> Any:
    """Narrow a selection to what is left of a batch: a decision ends every lease of its finding, a skip that of its curator."""
    lease = col(Lease.finding_id) == FindingRow.id, col(Lease.curator) == bindparam("curator")
    held = and_(*lease, col(Lease.until) > bindparam("moment"))
    return select(*selected).join(Lease, held).where(*WAITING).order_by(col(Lease.place))


_LEFT, _BATCH = _left(FindingRow.id), _left(FindingRow.id, _rank())


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
