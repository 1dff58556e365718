"""How things stand between two nights: how far PubMed was asked, what is left, what keeps failing, the last runs."""

from collections import Counter
from datetime import date, datetime

from sqlmodel import Session, col, select

from nlp.article import Record
from store.nights import is_late, last_night
from store.order import count_unread
from store.runs import UNDONE, is_raw, last_said, ledger, runs
from store.tables import Bookmark, Extraction, Fetch, Run, RunRecord

WINDOWS = {"crdt": "records made (CRDT)", "mdat": "records revised (MDAT)"}
"""The windows of dates that PubMed is asked by."""

FAILING = (Fetch.UNPARSABLE, Fetch.MISSING, Extraction.FAILED)
"""What is listed first: the rest only waits."""


class Mark(Record):
    """How far a window of a query is done; `query` is the beginning of its SHA-256."""

    window: str
    query: str
    until: date
    run: int


class Left(Record):
    """A record that is not done, as the last run that met it left it; without a PMID it cannot be asked for again."""

    key: str
    state: str
    reason: str | None
    source: str | None
    run: int


class Recent(Record):
    """A run with the counts of its ledger that are not nought."""

    run: int
    command: str
    started_at: datetime
    status: str
    reason: str | None
    found: int
    fetch: dict[str, int]
    extraction: dict[str, int]
    adds_up: bool


class Outlook(Record):
    """What is to come, and what was: bookmarks, counts of what is left, the first of those records, the last runs.

    `night` is when the last night that asked PubMed began; `late` says that another should have begun since.
    """

    night: datetime | None
    late: bool
    bookmarks: tuple[Mark, ...]
    left: dict[str, int]
    unread: int
    records: tuple[Left, ...]
    recent: tuple[Recent, ...]

    @property
    def total(self) -> int:
        """Count the records left."""
        return sum(self.left.values())


def outlook(session: Session, limit: int = 200, last: int = 10) -> Outlook:
    """Look ahead from the ledger as it is, with at most `limit` records, those that failed first, and the `last` runs.

    `left` counts the records that a night asks PubMed for again, or reads again; `no_pmid` those that need a person.
    `unread` counts the articles that the pipeline version used last has not read.
    """
    undone = last_said(session, col(RunRecord.fetch), UNDONE)
    failed = last_said(session, col(RunRecord.extraction), (Extraction.FAILED,))
    lines = [
        *(_left(line, line.fetch) for line in undone),
        *(_left(line, line.extraction) for line in failed),
    ]
    left = Counter("no_pmid" if is_raw(line) else str(line.fetch) for line in undone)
    left += Counter({str(Extraction.FAILED): len(failed)})
    night = last_night(session)
    return Outlook(
        night=night.started_at if night else None,
        late=is_late(night.started_at if night else None),
        bookmarks=tuple(map(_mark, session.exec(select(Bookmark).order_by(col(Bookmark.name))))),
        left=dict(left),
        unread=_unread(session),
        records=tuple(sorted(lines, key=lambda line: (line.state not in FAILING, line.key))[:limit]),
        recent=tuple(_recent(session, run) for run in runs(session, last)),
    )


def _mark(mark: Bookmark) -> Mark:
    kind, _, query = mark.name.partition(":")
    return Mark(window=WINDOWS.get(kind, kind), query=query[:8], until=mark.until, run=mark.run_id)


def _left(line: RunRecord, state: str | None) -> Left:
    return Left(key=line.key, state=str(state), reason=line.reason, source=line.source, run=line.run_id)


def _recent(session: Session, run: Run) -> Recent:
    counts = ledger(session, run.id or 0)
    return Recent(
        run=run.id or 0,
        command=run.command,
        started_at=run.started_at,
        status=run.status,
        reason=run.reason,
        found=counts.found,
        fetch={state: number for state, number in counts.fetch.items() if number},
        extraction={state: number for state, number in counts.extraction.items() if number},
        adds_up=counts.fetched_adds_up and counts.extracted_adds_up,
    )


def _unread(session: Session) -> int:
    reader = session.exec(
        select(Run.pipeline, Run.version).where(col(Run.version).is_not(None)).order_by(col(Run.id).desc())
    ).first()
    return count_unread(session, str(reader[0]), str(reader[1])) if reader else 0
