"""What is found → the store: each record kept and accounted for in one transaction with its batch.

Whatever is found is written down as deferred first and then, a batch at a time, as what became of it. So the
ledger is right whenever the process is killed, and what stayed deferred is taken up by the next night.
"""

from sqlmodel import Session

from flows.pubmed import Deleted, Missing, Received, Sent, Unparsable
from flows.work import Work
from store.articles import is_deleted, keep_article, keep_raw, mark_deleted
from store.runs import account, last_fetch
from store.tables import Extraction, Fetch


def keep(session: Session, work: Work, record: Sent | Missing, source: str) -> Fetch:
    """Keep a record, account for it, and say what became of it."""
    reason = digest = waits = None
    key = record.pmid
    match record:
        case Received():
            state = Fetch(keep_article(session, work.run_id, record.article, record.raw))
            waits = None if state == Fetch.UNCHANGED else Extraction.DEFERRED
        case Unparsable():
            state, reason = Fetch.UNPARSABLE, record.reason
            digest = keep_raw(session, work.run_id, record.raw, record.pmid)
            key = record.pmid or f"raw:{digest}"
            work.trouble(f"{source}: PMID {record.pmid or 'unknown'}: {reason}", pmid=record.pmid)
        case Deleted():
            state = Fetch.DELETED
            mark_deleted(session, record.pmid)
        case Missing():
            state, reason = _missing(session, work, record)
    work.found.add(str(key))
    account(
        session,
        work.run_id,
        str(key),
        fetch=state,
        extraction=waits,
        reason=reason,
        source=source,
        raw_hash=digest,
    )
    return state


def defer(session: Session, work: Work, pmid: str, source: str) -> None:
    """Account for a record that was found and is left for a later run."""
    work.found.add(pmid)
    account(session, work.run_id, pmid, fetch=Fetch.DEFERRED, source=source)


def _missing(session: Session, work: Work, record: Missing) -> tuple[Fetch, str]:
    """Judge a PMID that PubMed gave no record for: missing once may be an accident, twice in a row is deleted."""
    if record.absent and is_deleted(session, record.pmid):
        return Fetch.UNCHANGED, "PubMed deleted it before, and still has no record of it"
    if record.absent and last_fetch(session, record.pmid, work.run_id) == Fetch.MISSING:
        mark_deleted(session, record.pmid)
        return Fetch.DELETED, f"{record.reason}; so it was in the run before"
    work.trouble(f"PMID {record.pmid}: {record.reason}", pmid=record.pmid)
    return Fetch.MISSING, record.reason
