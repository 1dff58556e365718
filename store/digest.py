"""What of a run a person wants to be told of: new studies, unusual adverse events, retractions, failures, the lane."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from nlp.article import Article, Record
from store.articles import says_retracted
from store.curation.lane import warnings
from store.nights import is_late, last_night
from store.runs import get_run
from store.summary import Failure, failed_records
from store.tables import (
    ArticleRow,
    ArticleVersion,
    Fetch,
    FindingRow,
    Notice,
    ReadingRow,
    Run,
    RunRecord,
    RunStatus,
    Status,
    StudyRow,
)

RARE = 3
"""An adverse event that fewer other articles than this report is told of."""

MOST = 50
"""Entries of a list that are told of; the totals count all."""


class NewStudy(Record):
    """An article that was read for the first time, and how many findings it holds."""

    pmid: str
    title: str
    year: int | None
    design: str | None
    findings: int


class NewEvent(Record):
    """An adverse event that is new, rare or serious: which it is, and the words."""

    finding: str
    pmid: str
    drug: str
    event: str
    why: str
    quote: str


class Gone(Record):
    """An article that was retracted, or that PubMed deleted."""

    pmid: str
    title: str
    why: str


class Digest(Record):
    """What to tell of a run; the lists hold at most MOST entries, `totals` counts all.

    `lanes` says which accept lanes their audit refutes, whatever the run did.
    `broken_off` names the runs right before it that were killed or failed: what they found is told of here.
    `night_before` is when the night before this one began, where that is so long ago that nights were left out.
    """

    run: int
    command: str
    status: str
    reason: str | None
    broken_off: tuple[int, ...]
    night_before: datetime | None
    started_at: datetime
    totals: dict[str, int]
    new_studies: tuple[NewStudy, ...]
    adverse_events: tuple[NewEvent, ...]
    gone: tuple[Gone, ...]
    failures: tuple[Failure, ...]
    lanes: tuple[str, ...]


def digest(session: Session, run_id: int | None = None) -> Digest:
    """Give what is to be told of a run, by default the last.

    Raises:
        StoreError: there is no such run, or none yet.
    """
    run = get_run(session, run_id)
    number = run.id or 0
    broken = [earlier.id or 0 for earlier in _broken_off(session, number)]
    lists: dict[str, Sequence[Any]] = {
        "new_studies": _new_studies(session, number),
        "adverse_events": sorted(_events(session, number), key=lambda event: (event.why, event.pmid)),
        "gone": list(_gone(session, {number, *broken})),
        "failures": failed_records(session, number),
        "lanes": warnings(session),
    }
    return Digest(
        run=number,
        command=run.command,
        status=run.status,
        reason=run.reason,
        broken_off=tuple(broken),
        night_before=_late_night(session, run),
        started_at=run.started_at,
        totals={name: len(entries) for name, entries in lists.items()},
        **{name: tuple(entries[:MOST]) for name, entries in lists.items()},
    )


def _late_night(session: Session, run: Run) -> datetime | None:
    before = last_night(session, run.id)
    asks_pubmed = run.command == "nightly" and not run.parameters.get("sources")
    return (
        before.started_at if before and asks_pubmed and is_late(before.started_at, run.started_at) else None
    )


def _broken_off(session: Session, run_id: int) -> list[Run]:
    """List the runs right before this one that failed, the last first: nobody was told of what they did."""
    before = session.exec(select(Run).where(col(Run.id) < run_id).order_by(col(Run.id).desc()))
    return list(takewhile(lambda run: run.status == RunStatus.FAILED, before))


def _first_readings(run_id: int, of: Any) -> Any:
    """Select the PMIDs that a run was the first to read anything of: of the article, or of this version of it."""
    earlier = aliased(ReadingRow)
    known = select(earlier.id).where(of(earlier) == of(ReadingRow), col(earlier.id) < col(ReadingRow.id))
    return select(ReadingRow.pmid).where(ReadingRow.run_id == run_id, ~known.exists())


def _new_studies(session: Session, run_id: int) -> list[NewStudy]:
    """List the articles that the run was the first to read, those with most findings first."""
    living = select(func.count(col(FindingRow.id))).where(
        FindingRow.pmid == ArticleRow.pmid, FindingRow.status != Status.SUPERSEDED
    )
    rows = session.exec(
        select(ArticleRow, StudyRow, living.scalar_subquery())
        .outerjoin(StudyRow, col(StudyRow.pmid) == ArticleRow.pmid)
        .where(
            col(ArticleRow.pmid).in_(_first_readings(run_id, lambda reading: reading.pmid)),
            col(ArticleRow.retracted).is_(False),
            col(ArticleRow.deleted).is_(False),
        )
    )
    studies = [
        NewStudy(
            pmid=article.pmid,
            title=article.title,
            year=article.year,
            design=study.design if study else None,
            findings=number,
        )
        for article, study, number in rows
    ]
    return sorted(studies, key=lambda study: (-study.findings, study.pmid))


def _events(session: Session, run_id: int) -> Iterator[NewEvent]:
    """Give the adverse events in what the run read that are serious, or that hardly another article reports."""
    mine = _first_readings(run_id, lambda reading: reading.version_id)
    name: Any = func.coalesce(FindingRow.concept_curie, func.lower(FindingRow.anchor))
    others = dict(
        session.exec(
            _occurred(select(name, func.count(col(FindingRow.pmid).distinct())))
            .where(col(FindingRow.pmid).not_in(mine))
            .group_by(name)
        ).all()
    )
    told: set[tuple[str, str]] = set()
    rows = _occurred(select(FindingRow, name)).where(col(FindingRow.pmid).in_(mine))
    for row, event in session.exec(rows.order_by(col(FindingRow.pmid), col(FindingRow.start))):
        before = others.get(event, 0)
        if (row.pmid, event) in told or (before >= RARE and not row.serious):
            continue
        told.add((row.pmid, event))
        yield NewEvent(
            finding=row.id,
            pmid=row.pmid,
            drug=row.drug,
            event=row.concept_name or row.anchor,
            why="serious" if row.serious else f"rare: {before} before" if before else "new",
            quote=row.quote,
        )


def _occurred(selected: Any) -> Any:
    """Narrow a selection of findings to adverse events that occurred, in studies that stand."""
    return selected.join(ArticleRow, col(ArticleRow.pmid) == FindingRow.pmid).where(
        FindingRow.type == "adverse_event",
        FindingRow.assertion == "present",
        col(FindingRow.own_result),
        col(FindingRow.status).not_in((Status.SUPERSEDED, Status.REJECTED)),
        col(ArticleRow.retracted).is_(False),
        col(ArticleRow.deleted).is_(False),
    )


def _gone(session: Session, runs: set[int]) -> Iterator[Gone]:
    """Give the articles that the runs found to be retracted, and those that they found to be deleted."""
    retracted = select(ArticleRow).where(col(ArticleRow.retracted)).order_by(col(ArticleRow.pmid))
    for article in session.exec(retracted):
        if why := _retracted_by(session, article, runs):
            yield Gone(pmid=article.pmid, title=article.title, why=why)
    deleted = select(RunRecord.key).where(col(RunRecord.run_id).in_(runs), RunRecord.fetch == Fetch.DELETED)
    for article in session.exec(
        select(ArticleRow).where(col(ArticleRow.pmid).in_(deleted)).order_by(col(ArticleRow.pmid))
    ):
        yield Gone(pmid=article.pmid, title=article.title, why="PubMed has deleted it")


def _retracted_by(session: Session, article: ArticleRow, runs: set[int]) -> str | None:
    """Say how one of the runs learnt that an article is retracted, or None: it was known before."""
    versions = session.exec(
        select(ArticleVersion).where(ArticleVersion.pmid == article.pmid).order_by(col(ArticleVersion.number))
    ).all()
    first = next((v for v in versions if says_retracted(Article.model_validate(v.record))), None)
    notices = _notices(session, article.pmid)
    learnt = {notice.run_id for notice in notices} | ({first.run_id} if first else set())
    if not learnt or min(learnt) not in runs:
        return None
    return f"retracted by PMID {notices[0].pmid}" if notices else "retracted"


def _notices(session: Session, pmid: str) -> Sequence[ArticleVersion]:
    """Give the first versions of the notices held that retract an article."""
    return session.exec(
        select(ArticleVersion)
        .join(Notice, col(Notice.notice_pmid) == ArticleVersion.pmid)
        .where(Notice.pmid == pmid, Notice.ref_type == "RetractionIn", ArticleVersion.number == 1)
    ).all()
