"""The same data for programs: JSON under /api/v1, read-only, by the same filter and queries as the pages."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session

from nlp.article import Article, Record
from nlp.errors import StoreError
from store import queries, runs
from store.curation.lane import thresholds
from store.export import NOTICE, ExportedFinding, ExportedStudy, StudyValue, exported, study_value
from store.filters import FindingQuery, defaults_on
from store.outlook import Outlook, outlook
from store.tables import ArticleRow, ArticleVersion, Decision, Run, StudyRow
from store.web.access import Reader, shown
from store.web.filters import address, limit_of, read_query
from store.web.openapi import PAGING, PROBLEMS, filters
from store.web.problems import Problem
from store.web.tagged import Tagged

router = APIRouter(prefix="/api/v1", tags=["v1"], route_class=Tagged, responses=PROBLEMS)


class FindingPage(Record):
    """Some of the findings that fit a filter; `next` is the address of the following ones.

    `total` is counted to 10,000; `more` says that there are more. `defaults` are the filters in force that were
    not asked for, in words; the value `any` lifts each. Of a search, `highlights` holds for each finding a passage of
    its article as HTML: the words asked for stand in <mark>, all else is escaped.
    """

    notice: str = NOTICE
    query: FindingQuery
    defaults: dict[str, str]
    total: int
    more: bool
    next: str | None
    highlights: dict[str, str]
    items: tuple[ExportedFinding, ...]


class DecisionRecord(Record):
    """One act of review."""

    curator: str
    action: str
    from_status: str
    to_status: str
    reason: str | None
    note: str | None
    decided_at: datetime


class FindingRecord(Record):
    """One finding with the text that its offsets refer to, and its history."""

    item: ExportedFinding
    text: str
    article_version: int
    decisions: tuple[DecisionRecord, ...]


class ArticleRecord(Record):
    """An article as held, the text that is read of it, and its findings."""

    notice: str = NOTICE
    article: Article
    text: str
    article_version: int
    retracted: bool
    deleted: bool
    notices: tuple[dict[str, Any], ...]
    findings: tuple[ExportedFinding, ...]


class VersionRecord(Record):
    """One state of an article: the record, and the text that is read of it."""

    number: int
    received_at: datetime
    run_id: int
    article: Article
    text: str


class StudyRecord(Record):
    """The study that an article reports, as last read or decided; conditions as (text, CURIE, name).

    `machine` is what the machine reads, where a person decided; a decision names the `revision` that it was made on.
    """

    pmid: str
    revision: int
    study: ExportedStudy
    machine: StudyValue | None
    conditions: tuple[tuple[str, str | None, str | None], ...]


class RunRecord(Record):
    """A run and its ledger: what became of every record that it found."""

    id: int
    command: str
    parameters: dict[str, Any]
    pipeline: str | None
    version: str | None
    status: str
    reason: str | None
    started_at: datetime
    finished_at: datetime | None
    found: int
    fetch: dict[str, int]
    extraction: dict[str, int]
    adds_up: bool


@router.get("/findings", openapi_extra=filters(*PAGING))
def findings(request: Request, session: Reader) -> FindingPage:
    """List the findings that fit; several values of one filter are given by repeating it."""
    pairs = request.query_params.multi_items()
    query, limit = read_query(pairs), limit_of(pairs)
    try:
        page = queries.find(session, query, limit=limit, cursor=dict(pairs).get("cursor") or None)
    except StoreError as error:
        raise Problem(422, str(error)) from None
    shown(request, (item.finding.pmid for item in page.items))
    onward = address(request.url.path, pairs, cursor=page.next) if page.next else None
    return FindingPage(
        query=query,
        defaults=defaults_on(query, thresholds(session)),
        total=page.total,
        more=page.more,
        next=onward,
        highlights={
            key: passage.html for key, passage in queries.highlights(session, query, page.items).items()
        },
        items=tuple(map(exported, page.items)),
    )


@router.get("/findings/{finding_id}")
def finding(request: Request, session: Reader, finding_id: str) -> FindingRecord:
    """Give one finding with its text and history."""
    known = queries.detail(session, finding_id)
    if known is None:
        raise Problem(404, f"There is no finding {finding_id[:60]}.")
    shown(request, [known.item.finding.pmid])
    return FindingRecord(
        item=exported(known.item),
        text=known.version.text,
        article_version=known.version.number,
        decisions=tuple(map(_decision, known.decisions)),
    )


def _decision(decision: Decision) -> DecisionRecord:
    return DecisionRecord(**{field: getattr(decision, field) for field in DecisionRecord.model_fields})


@router.get("/articles/{pmid}")
def article(request: Request, session: Reader, pmid: str) -> ArticleRecord:
    """Give an article with its text and findings."""
    row = session.get(ArticleRow, pmid)
    version = session.get(ArticleVersion, row.version_id) if row else None
    if row is None or version is None:
        raise Problem(404, f"PMID {pmid[:20]} is not held.")
    shown(request, [pmid])
    return ArticleRecord(
        article=Article.model_validate(version.record),
        text=version.text,
        article_version=version.number,
        retracted=row.retracted,
        deleted=row.deleted,
        notices=tuple(row.notices),
        findings=tuple(map(exported, queries.of_article(session, pmid))),
    )


@router.get("/articles/{pmid}/versions")
def article_versions(session: Reader, pmid: str) -> list[VersionRecord]:
    """Give every version held of an article, the first first."""
    held = queries.versions(session, pmid)
    if not held:
        raise Problem(404, f"PMID {pmid[:20]} is not held.")
    return [
        VersionRecord(
            number=version.number,
            received_at=version.received_at,
            run_id=version.run_id,
            article=Article.model_validate(version.record),
            text=version.text,
        )
        for version in held
    ]


@router.get("/studies/{pmid}")
def study(request: Request, session: Reader, pmid: str) -> StudyRecord:
    """Give the study that an article reports."""
    row = session.get(StudyRow, pmid)
    if row is None:
        raise Problem(404, f"No study was read in PMID {pmid[:20]}.")
    told = ExportedStudy(**{field: getattr(row, field) for field in ExportedStudy.model_fields})
    about = tuple((one.text, one.curie, one.name) for one in queries.conditions(session, pmid))
    machine = study_value(row.machine) if row.machine else None
    shown(request, [pmid])
    return StudyRecord(pmid=pmid, revision=row.revision, study=told, machine=machine, conditions=about)


@router.get("/runs")
def run_list(session: Reader) -> list[RunRecord]:
    """List the last fifty runs, the last first."""
    return [_run(session, run) for run in runs.runs(session)]


@router.get("/runs/{run_id}")
def run(session: Reader, run_id: int) -> RunRecord:
    """Give one run with its ledger."""
    found = session.get(Run, run_id) if run_id < 2**31 else None
    if found is None:
        raise Problem(404, f"There is no run {run_id}.")
    return _run(session, found)


@router.get("/outlook")
def look_ahead(session: Reader) -> Outlook:
    """Say how things stand: bookmarks, what the next night takes up, what fails, the last runs."""
    return outlook(session)


def _run(session: Session, row: Run) -> RunRecord:
    ledger = runs.ledger(session, row.id or 0)
    fields = ("command", "parameters", "pipeline", "version", "status", "reason", "started_at", "finished_at")
    return RunRecord(
        id=row.id or 0,
        found=ledger.found,
        fetch=ledger.fetch,
        extraction=ledger.extraction,
        adds_up=ledger.fetched_adds_up and ledger.extracted_adds_up,
        **{field: getattr(row, field) for field in fields},
    )
