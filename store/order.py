"""In which order a store's articles are read: what people look at most first, then the newest, a page at a time.

What is asked for often is held in memory, as long a list as people have looked at; of the rest, one page.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from store.tables import ArticleRow, Asked, ReadingRow, StudyRow

PAGE = 10_000

Sessions = Callable[[], AbstractContextManager[Session]]
"""Gives a session for one page: what is read is written meanwhile, and no session stays open so long."""

_YEAR: Any = func.coalesce(ArticleRow.year, 0)
NEWEST_FIRST = (_YEAR.desc(), col(ArticleRow.version_id).desc())
"""By year of publication, then as received."""

HELD = (col(ArticleRow.deleted).is_(False),)


def articles_in_order(sessions: Sessions, *wanted: Any) -> Iterator[str]:
    """Give the PMIDs held, not deleted, that fit some conditions: the most asked for first, then the newest."""
    asked = select(ArticleRow.pmid).join(Asked, col(Asked.pmid) == ArticleRow.pmid).where(*HELD, *wanted)
    with sessions() as session:
        first = list(session.exec(asked.order_by(col(Asked.times).desc(), *NEWEST_FIRST)))
    yield from first
    given, last = set(first), None
    while page := _page(sessions, wanted, last):
        yield from (pmid for pmid, *_ in page if pmid not in given)
        last = page[-1][1:]


def count_in_order(session: Session, *wanted: Any) -> int:
    """Count these."""
    return session.exec(select(func.count()).select_from(ArticleRow).where(*HELD, *wanted)).one()


def _page(sessions: Sessions, wanted: tuple[Any, ...], last: Any) -> list[Any]:
    place = tuple_(_YEAR, col(ArticleRow.version_id))
    some = select(ArticleRow.pmid, _YEAR, ArticleRow.version_id).where(*HELD, *wanted)
    if last is not None:
        some = some.where(place < tuple_(*last))
    with sessions() as session:
        return list(session.exec(some.order_by(*NEWEST_FIRST).limit(PAGE)))


def unread_articles(sessions: Sessions, pipeline: str, version: str) -> Iterator[str]:
    """Give the PMIDs whose findings are not what this pipeline version reads in their current version.

    What nothing has read comes first, then what another pipeline version read.
    """
    unread, read_before = _unread(pipeline, version), _current().exists()
    return chain(
        articles_in_order(sessions, unread, ~read_before), articles_in_order(sessions, unread, read_before)
    )


def count_unread(session: Session, pipeline: str, version: str) -> int:
    """Count these."""
    return count_in_order(session, _unread(pipeline, version))


def _current() -> Any:
    return select(ReadingRow.id).where(ReadingRow.version_id == ArticleRow.version_id)


def _unread(pipeline: str, version: str) -> Any:
    # the article's study, by its key: no index leads from a reading to its study, and each article would look through all
    own = (col(StudyRow.pmid) == ArticleRow.pmid) & (col(StudyRow.reading_id) == ReadingRow.id)
    stands = _current().join(StudyRow, own)
    return ~stands.where(ReadingRow.pipeline == pipeline, ReadingRow.pipeline_version == version).exists()
