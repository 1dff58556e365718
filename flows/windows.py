"""Asking PubMed: what was made or revised since the bookmark, what is held, what earlier runs left.

Windows go by the day a record was made (CRDT) and revised (MDAT), never by publication date.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from flows.ingest import defer, keep
from flows.pubmed import EntrezClient, Missing
from flows.work import Work, in_batches
from store.articles import held_pmids
from store.database import session_scope
from store.runs import bookmark, count, move_bookmark, pending_retries

OVERLAP = timedelta(days=7)
"""How far a window reaches back behind its bookmark: PubMed shows some records days late."""

BATCH = 200
"""Records asked for and committed together: the most that one request may ask for."""


def ask_pubmed(work: Work, since: date | None = None, limit: int | None = None) -> None:
    """Search both windows, fetch what they hold after what earlier runs left, and move the bookmarks.

    A window goes from its bookmark, less the overlap, to today; `since` takes that place. At most `limit` records
    are fetched, the rest is deferred. The bookmarks move when all that was found is kept or stands in the ledger
    as left for later; not when PubMed was out of reach, nor over a gap that a late `since` leaves.
    """
    client = entrez(work)
    until = datetime.now(UTC).date()
    with session_scope(work.engine, writes=False) as session:
        found = dict.fromkeys(pending_retries(session))
    windows = _windows(work, since)
    for kind, _, start in windows:
        found |= dict.fromkeys(work.step(f"search {kind}", _search, work, client, kind, start))
    if fetch(work, client, list(found), limit):
        with work.writing() as session:
            for kind, mark, start in windows:
                if mark is None or start is None or start <= mark:
                    move_bookmark(session, _name(kind, work.query), until, work.run_id)


def look_into_pubmed(work: Work, since: date | None = None) -> list[str]:
    """Search both windows, fetch nothing, and give what would be fetched, in that order."""
    client = entrez(work)
    with session_scope(work.engine, writes=False) as session:
        found = dict.fromkeys(pending_retries(session))
    for kind, _, start in _windows(work, since):
        found |= dict.fromkeys(_search(work, client, kind, start))
    return list(found)


def sweep(work: Work, limit: int | None = None) -> None:
    """Ask for every article held: what was revised, retracted or deleted without our noticing shows."""
    client = entrez(work)
    with session_scope(work.engine, writes=False) as session:
        pmids = held_pmids(session)
    fetch(work, client, pmids, limit)


def retry(work: Work, limit: int | None = None) -> None:
    """Ask again for what earlier runs could not read, or left for later."""
    with session_scope(work.engine, writes=False) as session:
        pmids = pending_retries(session)
    if pmids:
        fetch(work, entrez(work), pmids, limit)


def fetch(work: Work, client: EntrezClient, pmids: Sequence[str], limit: int | None = None) -> bool:
    """Account for every PMID as deferred, then fetch and keep them, a batch to a transaction.

    Say whether PubMed was there for all of them.
    """
    with work.writing() as session:
        for pmid in pmids:
            defer(session, work, pmid, client.base)
    batches = list(in_batches(pmids if limit is None else pmids[:limit], BATCH))
    answered = [
        work.step("fetch", fetch_batch, work, client, batch)
        for batch in work.watch(batches, "Fetching records")
    ]
    return all(answered)


def fetch_batch(work: Work, client: EntrezClient, pmids: Sequence[str]) -> bool:
    """Fetch and keep a few hundred records; say whether PubMed was there for all of them."""
    records = list(client.fetch(pmids))
    with work.writing() as session:
        for record in records:
            keep(session, work, record, client.base)
        count(session, work.run_id, read=sum(not isinstance(record, Missing) for record in records))
    return not any(record.gone for record in records if isinstance(record, Missing))


def entrez(work: Work) -> EntrezClient:
    """Make the client that speaks with the E-utilities.

    Raises:
        EntrezError: there is no e-mail address to send.
    """
    settings = work.settings
    key = settings.entrez_api_key.get_secret_value() if settings.entrez_api_key else None
    return EntrezClient(settings.entrez_url, email=settings.entrez_email, api_key=key)


def _search(work: Work, client: EntrezClient, kind: str, start: date | None) -> list[str]:
    if kind == "mdat" and start is None:
        return []  # on the first night: what was ever revised was also made
    return client.search(work.query, datetype=kind, mindate=start)


def _windows(work: Work, since: date | None) -> list[tuple[str, date | None, date | None]]:
    """Give the kind of date, the bookmark, and where the window begins, of each window."""
    with session_scope(work.engine, writes=False) as session:
        marks = {kind: bookmark(session, _name(kind, work.query)) for kind in ("crdt", "mdat")}
    return [(kind, mark, since or (mark - OVERLAP if mark else None)) for kind, mark in marks.items()]


def _name(kind: str, query: str) -> str:
    return f"{kind}:{hashlib.sha256(query.encode()).hexdigest()[:16]}"
