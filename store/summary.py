"""What a run did and what the store holds after it, as one record: for the report, the pages and the digest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import func
from sqlmodel import Session, col, select

from nlp.article import Record
from nlp.finding import Finding
from store.outlook import Outlook, outlook
from store.queries import totals
from store.runs import get_run, ledger
from store.tables import (
    ArticleRow,
    Extraction,
    Fetch,
    FindingFlag,
    FindingRow,
    ReadingRow,
    RunRecord,
    Status,
    StudyRow,
)

FAILED = (Fetch.UNPARSABLE, Fetch.MISSING, Extraction.FAILED)
"""States of a record that a person should hear of."""

CANDIDATES = 400
"""Findings among which the examples are looked for."""


class Flagged(Record):
    """How many findings have a flag, and the reason that one of them gives."""

    code: str
    findings: int
    reason: str


class Failure(Record):
    """A record that could not be taken in or read, and why."""

    key: str
    state: str
    reason: str | None


class Example(Record):
    """A finding with the sentence that states it and the article it stands in."""

    finding: Finding
    pmid: str
    title: str
    year: int | None
    design: str | None


class Summary(Record):
    """A run, its ledger, what it read, the store after it, and how things stand."""

    run: int
    command: str
    parameters: dict[str, Any]
    pipeline: str | None
    status: str
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    found: int
    fetch: dict[str, int]
    extraction: dict[str, int]
    adds_up: bool
    read: int
    findings: dict[str, int]
    flagged: tuple[Flagged, ...]
    failures: tuple[Failure, ...]
    examples: tuple[Example, ...]
    store: dict[str, int]
    outlook: Outlook

    @property
    def failed(self) -> int:
        """Count the records that a person should hear of."""
        return sum((self.fetch | self.extraction).get(state, 0) for state in FAILED)

    @property
    def unfinished(self) -> str | None:
        """Say why the run did not do all it was to do, or None; what a limit defers was not to be done."""
        if self.reason or not (self.failed or not self.adds_up):
            return self.reason
        return f"{self.failed:,} records failed" if self.failed else "its ledger does not add up"


def summary(session: Session, run_id: int | None = None, *, examples: int = 5, failures: int = 50) -> Summary:
    """Sum up a run, by default the last.

    Raises:
        StoreError: there is no such run, or none yet.
    """
    run = get_run(session, run_id)
    number = run.id or 0
    counts = ledger(session, number)
    return Summary(
        run=number,
        command=run.command,
        parameters=run.parameters,
        pipeline=run.pipeline,
        status=run.status,
        reason=run.reason,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=run.counts,
        found=counts.found,
        fetch=counts.fetch,
        extraction=counts.extraction,
        adds_up=counts.fetched_adds_up and counts.extracted_adds_up,
        read=_count_readings(session, number),
        findings=_by_type(session, number),
        flagged=_flagged(session, number),
        failures=failed_records(session, number, failures),
        examples=_examples(session, number, examples),
        store=totals(session),
        outlook=outlook(session, failures),
    )


def _count_readings(session: Session, run_id: int) -> int:
    return session.exec(select(func.count()).where(ReadingRow.run_id == run_id)).one()


def _by_type(session: Session, run_id: int) -> dict[str, int]:
    rows = session.exec(
        select(FindingRow.type, func.count())
        .join(ReadingRow, col(ReadingRow.id) == FindingRow.reading_id)
        .where(ReadingRow.run_id == run_id, FindingRow.status != Status.SUPERSEDED)
        .group_by(FindingRow.type)
    )
    return dict.fromkeys(("dose", "outcome", "adverse_event"), 0) | dict(rows.all())


def _flagged(session: Session, run_id: int) -> tuple[Flagged, ...]:
    rows = session.exec(
        select(
            FindingFlag.code,
            func.count(col(FindingFlag.finding_id).distinct()),
            func.min(FindingFlag.reason),
        )
        .join(FindingRow, col(FindingRow.id) == FindingFlag.finding_id)
        .join(ReadingRow, col(ReadingRow.id) == FindingRow.reading_id)
        .where(ReadingRow.run_id == run_id, FindingRow.status != Status.SUPERSEDED)
        .group_by(FindingFlag.code)
    )
    flags = [Flagged(code=code, findings=number, reason=reason) for code, number, reason in rows]
    return tuple(sorted(flags, key=lambda flag: (-flag.findings, flag.code)))


def failed_records(session: Session, run_id: int, limit: int | None = None) -> tuple[Failure, ...]:
    """List the records of a run that a person should hear of, and why."""
    lines = session.exec(
        select(RunRecord)
        .where(
            RunRecord.run_id == run_id,
            col(RunRecord.fetch).in_(FAILED) | col(RunRecord.extraction).in_(FAILED),
        )
        .order_by(col(RunRecord.key))
        .limit(limit)
    )
    return tuple(Failure(key=line.key, state=_worst(line), reason=line.reason) for line in lines)


def _worst(line: RunRecord) -> str:
    return str(line.fetch if line.fetch in FAILED else line.extraction)


def _examples(session: Session, run_id: int, wanted: int) -> tuple[Example, ...]:
    """Choose findings that say much, unflagged, of different articles and each type in turn.

    They are the run's; a run that read nothing shows the store's.
    """
    joined = (
        select(FindingRow, ArticleRow, StudyRow)
        .join(ArticleRow, col(ArticleRow.pmid) == FindingRow.pmid)
        .join(StudyRow, col(StudyRow.pmid) == FindingRow.pmid)
        .where(
            FindingRow.status != Status.SUPERSEDED,
            FindingRow.status != Status.REJECTED,
            col(FindingRow.flagged).is_(False),
            col(FindingRow.own_result),
            col(ArticleRow.retracted).is_(False),
        )
        .order_by(col(FindingRow.reading_id).desc(), col(FindingRow.start))
        .limit(CANDIDATES)
    )
    mine = joined.join(ReadingRow, col(ReadingRow.id) == FindingRow.reading_id).where(
        ReadingRow.run_id == run_id
    )
    rows = session.exec(mine).all() or session.exec(joined).all()
    ranked = sorted(rows, key=lambda row: (row[2].species != "human", -_says_much(row[0])))
    return tuple(_example(*row) for row in _varied(ranked, wanted))


_TELLING = ("rate", "value", "comparator_value", "ci", "p_value", "timepoint", "comparator", "direction")
_TELLING_DOSE = ("route", "infusion", "schedule")


def _says_much(row: FindingRow) -> float:
    fields = _TELLING_DOSE if row.type == "dose" else _TELLING
    told = sum(getattr(row, field) is not None for field in fields)
    return told + (row.confidence or 0) - len(row.quote) / 400  # of two that say as much, the shorter


def _varied(ranked: Sequence[Any], wanted: int) -> list[Any]:
    order = ("outcome", "adverse_event", "dose")
    chosen: list[Any] = []
    for place in range(wanted):
        seen = {row[0].pmid for row in chosen}
        fresh = [row for row in ranked if row[0].pmid not in seen]
        best = [row for row in fresh if row[0].type == order[place % 3]] or fresh
        chosen += best[:1]
    return chosen


def _example(finding: FindingRow, article: ArticleRow, study: StudyRow) -> Example:
    return Example(
        finding=_FINDING.validate_python(finding.decided or finding.record),
        pmid=article.pmid,
        title=article.title,
        year=article.year,
        design=study.design,
    )


_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)
