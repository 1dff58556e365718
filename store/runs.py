"""Runs and their ledger: what became of every record that a run found."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from nlp.errors import StoreError
from store.database import now, rows
from store.tables import Bookmark, Extraction, Fetch, Run, RunRecord, RunStatus, SourceFile

UNDONE = (Fetch.UNPARSABLE, Fetch.MISSING, Fetch.DEFERRED)
READ = (Extraction.EXTRACTED, Extraction.WITHOUT_ABSTRACT, Extraction.FAILED)
UNREAD = (Extraction.FAILED, Extraction.DEFERRED)


BROKEN_OFF = "it broke off: its process was killed, or its database could no longer be reached"
"""What is known of a run that did not write its own end."""


class Ledger(NamedTuple):
    """Counts by state of one run, and whether they add up."""

    found: int
    fetch: dict[str, int]
    extraction: dict[str, int]

    @property
    def fetched_adds_up(self) -> bool:
        """Check: found = new + revised + unchanged + unparsable + missing + deleted + deferred."""
        return self.found == sum(self.fetch[state] for state in Fetch)

    @property
    def extracted_adds_up(self) -> bool:
        """Check: new + revised = extracted + without abstract + failed + deferred."""
        return self.fetch[Fetch.NEW] + self.fetch[Fetch.REVISED] == sum(self.extraction.values())

    @property
    def unfinished(self) -> int:
        """Count what a later run has to take up again."""
        return sum(self.fetch[state] for state in UNDONE) + sum(self.extraction[s] for s in UNREAD)


def start_run(
    session: Session,
    command: str,
    parameters: dict[str, Any],
    pipeline: str | None = None,
    version: str | None = None,
) -> Run:
    """Open a run; it is alone on its database, so one left open could not write its end, and is said to have failed."""
    for left in session.exec(select(Run).where(Run.status == RunStatus.RUNNING)):
        left.status, left.reason, left.finished_at = RunStatus.FAILED, BROKEN_OFF, now()
    run = Run(command=command, parameters=parameters, pipeline=pipeline, version=version, started_at=now())
    session.add(run)
    session.flush()
    return run


def run_id_of(run: Run) -> int:
    """Give the id of a run that was started."""
    if run.id is None:
        raise StoreError("The run was not started: call start_run first.")
    return run.id


def name_reader(session: Session, run_id: int, pipeline: str, version: str) -> None:
    """Write down which pipeline a run reads with, once it is loaded and its version known."""
    run = get_run(session, run_id)
    run.pipeline, run.version = pipeline, version
    session.flush()


def count(session: Session, run_id: int, **amounts: int) -> None:
    """Add to what a run counts beside its ledger, such as records read and off topic."""
    # locked: on a cluster several processes count for one run
    run = session.get(Run, run_id, with_for_update=True) or get_run(session, run_id)
    run.counts = dict(Counter(run.counts) + Counter(amounts))
    session.flush()


def account(
    session: Session,
    run_id: int,
    key: str,
    *,
    fetch: Fetch | None = None,
    extraction: Extraction | None = None,
    reason: str | None = None,
    source: str | None = None,
    raw_hash: str | None = None,
) -> None:
    """Write what became of a record; a later word on the same record in the same run replaces an earlier one.

    A record that is new or revised stays so, though the same run meets it again unchanged.
    """
    said = {"fetch": fetch, "extraction": extraction, "source": source, "raw_hash": raw_hash}
    told = {name: str(value) if value else None for name, value in said.items()}
    rows(session, _ACCOUNT, run_id=run_id, key=key, reason=reason, **told)


_ACCOUNT = text(
    """
    INSERT INTO run_records (run_id, "key", "fetch", extraction, reason, source, raw_hash)
    VALUES (:run_id, :key, :fetch, :extraction, :reason, :source, :raw_hash)
    ON CONFLICT (run_id, "key") DO UPDATE SET
        "fetch" = CASE
            WHEN run_records."fetch" IN ('new', 'revised') AND excluded."fetch" IN ('unchanged', 'revised', 'deferred')
            THEN run_records."fetch" ELSE coalesce(excluded."fetch", run_records."fetch") END,
        extraction = coalesce(excluded.extraction, run_records.extraction),
        reason = coalesce(excluded.reason, run_records.reason),
        source = coalesce(excluded.source, run_records.source),
        raw_hash = coalesce(excluded.raw_hash, run_records.raw_hash)
    """
)
"""One statement where two took as long as to keep a small article."""


def read_in_run(session: Session, run_id: int, pmids: Sequence[str]) -> set[str]:
    """Give those of some PMIDs that a run has read, or tried to."""
    lines = select(RunRecord.key).where(RunRecord.run_id == run_id, col(RunRecord.key).in_(pmids))
    return set(session.exec(lines.where(col(RunRecord.extraction).in_(READ))))


def ledger(session: Session, run_id: int) -> Ledger:
    """Count a run's records by what became of them; every state is there, also those with none."""
    fetch: Counter[str] = Counter(dict.fromkeys(Fetch, 0))
    extraction: Counter[str] = Counter(dict.fromkeys(Extraction, 0))
    lines = select(RunRecord.fetch, RunRecord.extraction, func.count()).where(RunRecord.run_id == run_id)
    found = 0
    for fetched, extracted, count in session.exec(
        lines.group_by(col(RunRecord.fetch), col(RunRecord.extraction))
    ):
        if fetched:
            found += count
            fetch[fetched] += count
            if extracted and fetched in (Fetch.NEW, Fetch.REVISED):
                extraction[extracted] += count
    return Ledger(found, {str(k): v for k, v in fetch.items()}, {str(k): v for k, v in extraction.items()})


def finish_run(
    session: Session,
    run_id: int,
    *,
    found: int | None = None,
    reason: str | None = None,
    failed: bool = False,
) -> RunStatus:
    """Close a run: complete, or incomplete when its ledger leaves work or does not add up, or failed.

    `found` is how many records the run met by its own count: those that the ledger lacks are lost, and the run says so.
    """
    run = get_run(session, run_id)
    counts = ledger(session, run_id)
    if found is not None and found != counts.found and not failed:
        lost = f"{found:,} records were found and {counts.found:,} stand in the ledger: please report this fault of ketmine"
        reason = "; ".join(filter(None, [reason, lost]))
    if failed:
        status = RunStatus.FAILED
    elif reason or counts.unfinished or not (counts.fetched_adds_up and counts.extracted_adds_up):
        status = RunStatus.INCOMPLETE
    else:
        status = RunStatus.COMPLETE
    run.status, run.reason, run.finished_at = status, reason, now()
    session.add(run)
    session.flush()
    count_for_the_planner(session)
    return status


def count_for_the_planner(session: Session) -> None:
    """Let SQLite look at samples of its indexes, as PostgreSQL does by itself: without, it takes wrong ones."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA analysis_limit = 1000"))
        session.execute(text("ANALYZE"))


def get_run(session: Session, run_id: int | None = None) -> Run:
    """Give a run by its id, or the last one.

    Raises:
        StoreError: there is no such run.
    """
    run = (
        session.get(Run, run_id)
        if run_id is not None
        else session.exec(select(Run).order_by(col(Run.id).desc())).first()
    )
    if run is None:
        raise StoreError(f"There is no run {run_id}." if run_id is not None else "Nothing was run yet.")
    return run


def runs(session: Session, limit: int = 50) -> list[Run]:
    """List runs, the last first."""
    return list(session.exec(select(Run).order_by(col(Run.id).desc()).limit(limit)))


def records(session: Session, run_id: int, *states: str) -> list[RunRecord]:
    """List a run's records whose fetch or extraction is one of the states, or all of them."""
    lines = select(RunRecord).where(RunRecord.run_id == run_id).order_by(col(RunRecord.key))
    if states:
        lines = lines.where(col(RunRecord.fetch).in_(states) | col(RunRecord.extraction).in_(states))
    return list(session.exec(lines))


def last_fetch(session: Session, pmid: str, before: int) -> str | None:
    """Give what became of a PMID in the last run before this one that found it."""
    lines = select(RunRecord.fetch).where(
        RunRecord.key == pmid, col(RunRecord.run_id) < before, col(RunRecord.fetch).is_not(None)
    )
    return session.exec(lines.order_by(col(RunRecord.run_id).desc())).first()


def pending_retries(session: Session) -> list[str]:
    """List the PMIDs whose last word in the ledger is missing, deferred or unparsable."""
    return [line.key for line in last_said(session, col(RunRecord.fetch), UNDONE) if not is_raw(line)]


def failed_readings(session: Session) -> list[str]:
    """List the PMIDs that could not be read, or not by every component, when they were read last."""
    return [line.key for line in last_said(session, col(RunRecord.extraction), (Extraction.FAILED,))]


def is_raw(line: RunRecord) -> bool:
    """Say whether a line is of a record without a PMID, which nobody can be asked for again."""
    return line.key.startswith("raw:")


def last_said(session: Session, column: Any, states: Sequence[str]) -> list[RunRecord]:
    """List the lines, one a record, of the last run that filled in a column, where that is one of the states."""
    last = (
        select(RunRecord.key, func.max(RunRecord.run_id).label("run_id"))
        .where(column.is_not(None))
        .group_by(col(RunRecord.key))
        .subquery()
    )
    lines = (
        select(RunRecord)
        .join(last, (RunRecord.key == last.c.key) & (RunRecord.run_id == last.c.run_id))  # type: ignore[arg-type]
        .where(column.in_(states))
        .order_by(col(RunRecord.key))
    )
    return list(session.exec(lines))


def bookmark(session: Session, name: str) -> date | None:
    """Give the day up to which a window of dates is done, or None before the first run."""
    mark = session.get(Bookmark, name)
    return mark.until if mark else None


def move_bookmark(session: Session, name: str, until: date, run_id: int) -> None:
    """Say that a window is done up to a day; call it in the transaction that holds its last records."""
    mark = session.get(Bookmark, name)
    if mark is None:
        session.add(Bookmark(name=name, until=until, run_id=run_id))
    elif until > mark.until:
        mark.until, mark.run_id = until, run_id
    session.flush()


def file_done(session: Session, file_hash: str) -> bool:
    """Say whether a bulk file of this content was read to its end before."""
    return session.get(SourceFile, file_hash) is not None


def finish_file(session: Session, file_hash: str, name: str, run_id: int, records: int) -> None:
    """Remember that a bulk file was read to its end; call it in the transaction of its last records."""
    if session.get(SourceFile, file_hash) is None:
        session.add(SourceFile(hash=file_hash, name=name, run_id=run_id, records=records))
        session.flush()
