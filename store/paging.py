"""A page of the findings that fit, in an order that writes do not upset, and how many fit in all.

The newest article first; with words asked for, articles first whose title holds them. A score that moves with every
article that is added (bm25) would upset the pages.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, literal, select, true, tuple_
from sqlmodel import Session, col

from nlp.errors import StoreError
from store.database import rows
from store.filters import FindingQuery, Thresholds, clauses, index_of, shows_usual
from store.search import matching
from store.tables import FindingRow

COUNTED: Final = 10_000
"""How far a page counts what fits: beyond, it says that there are more."""

KEYS: Final = (col(FindingRow.place), col(FindingRow.start), col(FindingRow.id))
"""What a list is sorted by; the last is unique: a cursor names one place."""

Where = Sequence[ColumnElement[bool]]


class Places(NamedTuple):
    """The ids of a page, how many fit in all (no further than COUNTED + 1), and the cursor of the next page or None."""

    ids: list[str]
    total: int
    next: str | None


def page(
    session: Session, query: FindingQuery, accept_at: Thresholds, limit: int, cursor: str | None
) -> Places:
    """Give a page of what fits.

    Few that fit are all looked up and sorted. Where there are more than COUNTED, the list is walked until the page is
    full. Neither database would know which is cheaper.

    Raises:
        StoreError: the cursor is none that an earlier page of this order gave.
    """
    after = _decode(cursor, ranked=bool(query.text)) if cursor else None
    where = clauses(query, accept_at)
    tier = [case((_in_title(query), 0), else_=1)] if query.text else []
    total, rows = _gather(session, query, where, limit, after, tier)
    if total > COUNTED and query.text:
        titled = [*clauses(query.model_copy(update={"text": None}), accept_at), _in_title(query)]
        rows = _tiers(session, query, titled, [*where, ~_in_title(query)], limit, after)
    elif total > COUNTED:
        rows = _walk(session, where, limit, after, _list_of(query))
    following = _encode(rows[limit - 1]) if len(rows) > limit else None
    return Places([row[-1] for row in rows[:limit]], total, following)


def following(session: Session, where: Where, limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    """Give a page of the plain list, the newest first, and count nothing: for whoever reads the list to its end."""
    rows = _walk(session, where, limit, _decode(cursor, ranked=False) if cursor else None)
    return [row[-1] for row in rows[:limit]], _encode(rows[limit - 1]) if len(rows) > limit else None


def _gather(
    session: Session,
    query: FindingQuery,
    where: Where,
    limit: int,
    after: Sequence[Any] | None,
    tier: Sequence[ColumnElement[Any]],
) -> tuple[int, list[Any]]:
    """Count what fits, and if it is no more than COUNTED sort it: (how many, one row more than the page has)."""
    keys, index = (*tier, *KEYS), index_of(query)
    fitting = _by(index, select(literal(1)).select_from(FindingRow).where(*where).limit(COUNTED + 1))
    n = select(func.count().label("n")).select_from(fitting.subquery()).cte("n").prefix_with("MATERIALIZED")
    # a limit, not a condition: with none to give, neither database goes through anything
    few = case((select(n.c.n).scalar_subquery() <= COUNTED, limit + 1), else_=0)
    sought = select(*keys).where(*where, *([_after(keys, after)] if after else ()))
    shown = _by(index, sought.order_by(*keys).limit(few)).subquery()
    held = list(shown.c)
    together = select(n.c.n, *held).select_from(n.outerjoin(shown, true())).order_by(*held)
    found = rows(session, together).all()
    return found[0][0], [row[1:] for row in found if row[-1] is not None]


def _tiers(
    session: Session, query: FindingQuery, titled: Where, rest: Where, limit: int, after: Sequence[Any] | None
) -> list[Any]:
    """Give a page of many findings that hold words: of titles that hold them, then of other articles."""
    found: list[Any] = []
    listed = _list_of(query)
    if after is None or after[0] == 0:
        beyond = after and after[1:]
        total, found = _gather(session, query, titled, limit, beyond, ())
        if total > COUNTED:
            found = _walk(session, titled, limit, beyond, listed)
        found, after = [(0, *row) for row in found], None
    if len(found) <= limit:
        more = _walk(session, rest, limit - len(found), after and after[1:], listed)
        found += [(1, *row) for row in more]
    return found


def _walk(
    session: Session, where: Where, limit: int, after: Sequence[Any] | None, index: str | None = None
) -> list[Any]:
    """Go through the list in its order, and take what fits until there is one row more than the page has.

    With an index, SQLite goes through the list by it.
    """
    wanted = _by(index, select(*KEYS).where(*where))
    if after:
        wanted = wanted.where(_after(KEYS, after))
    return list(rows(session, wanted.order_by(*KEYS).limit(limit + 1)))


def _by(index: str | None, statement: Select[Any]) -> Select[Any]:
    """Tell SQLite which index to take."""
    return statement.with_hint(FindingRow, f"INDEXED BY {index}", "sqlite") if index else statement


def _list_of(query: FindingQuery) -> str:
    """Name the index that holds in order what a list shows, on SQLite."""
    return "ix_findings_listed" if shows_usual(query) else "ix_findings_place"


def _in_title(query: FindingQuery) -> ColumnElement[bool]:
    return matching(col(FindingRow.version_id), query.text or "", title=True)


def _after(keys: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Say that a row comes after the one whose keys are `values`."""
    return tuple_(*keys) > tuple_(*map(literal, values))


def _encode(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def _decode(cursor: str, *, ranked: bool) -> list[Any]:
    kinds = (int, int, int, str) if ranked else (int, int, str)
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        right = isinstance(values, list) and tuple(map(type, values)) == kinds
        if right and all(abs(value) < 2**63 for value in values[:-1]):  # what a database takes
            return list(values)
    except (ValueError, RecursionError):
        pass
    raise StoreError(f"The cursor {cursor[:40]!r} is none of this list's: start again without one.")
