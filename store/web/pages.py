"""The pages that are read: home, findings, one finding in its abstract, an article, runs."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session

from nlp.errors import StoreError
from store import export, queries, runs
from store.curation.lane import thresholds
from store.curation.queue import whole
from store.database import session_scope
from store.filters import FindingQuery
from store.nights import ago
from store.outlook import outlook
from store.tables import ArticleRow, ArticleVersion, Run, RunStatus, Status, StudyRow
from store.transitions import REASONS
from store.web import present
from store.web.access import Reader, person_of, reading, shown
from store.web.desk import finding_page, row_of, source, unswayed
from store.web.difference import Change, difference
from store.web.filters import Facets, address, chips, groups, limit_of, read_query
from store.web.held import held
from store.web.problems import Problem
from store.web.render import page
from store.web.studying import history, panel
from store.web.words import TYPES, grouped, number_of, say

router = APIRouter(include_in_schema=False)

WHOLE = "retracted=any&species=any&setting=any&lane=any"
DECIDED = f"/findings?status=accepted&status=corrected&status=rejected&{WHOLE}"


@router.get("/")
def home(request: Request, session: Reader) -> HTMLResponse:
    """Say what this is, with the numbers of the store."""
    counts = queries.totals(session)
    numbers = [
        {"count": grouped(counts[key]), "words": words, "href": href}
        for key, words, href in (
            ("dose", "doses", f"/findings?type=dose&{WHOLE}"),
            ("outcome", "outcomes", f"/findings?type=outcome&{WHOLE}"),
            ("adverse_event", "adverse events", f"/findings?type=adverse_event&{WHOLE}"),
            ("articles", "articles held", f"/findings?{WHOLE}"),
            ("flagged", "flagged, waiting for a person", "/queue"),
            ("decided", "decided by a person", DECIDED),
        )
    ]
    last = next(iter(runs.runs(session, limit=1)), None)
    return page(request, "home.html", numbers=numbers, last_run=_run(session, last) if last else None)


@router.get("/findings")
def findings(request: Request, session: Reader) -> HTMLResponse:
    """List the findings that fit the filter of the address."""
    pairs = request.query_params.multi_items()
    try:
        query, limit = read_query(pairs), limit_of(pairs)
        found = queries.find(session, query, limit=limit, cursor=dict(pairs).get("cursor") or None)
    except Problem as problem:
        return _no_findings(request, problem.sentences)
    except StoreError as error:
        return _no_findings(request, (str(error),))
    values, studies = _figures(request, session, query)
    shown(request, (item.finding.pmid for item in found.items))
    shown_chips = chips("/findings", pairs, thresholds(session))
    return page(
        request,
        "findings.html",
        problem=(),
        chips=shown_chips,
        set_count=sum(not chip.kind for chip in shown_chips),
        groups=groups(pairs, values),
        rows=[row_of(item) for item in found.items],
        passages=queries.highlights(session, query, found.items),
        count_words=("more than " if found.more else "") + number_of(found.total, "finding"),
        studies_words="" if found.more else f"in {number_of(studies, 'study', 'studies')}",
        order_words="those with the words in their title first" if query.text else "newest articles first",
        exports=[
            (address(f"/findings.{ending}", pairs, cursor="", limit=""), words) for ending, words in _EXPORTS
        ],
        next=address("/findings", pairs, cursor=found.next) if found.next else None,
        first=address("/findings", pairs, cursor="") if dict(pairs).get("cursor") else None,
    )


FIGURES = 200
"""Filters whose figures are kept: what each value would give does not change from page to page."""


def _figures(request: Request, session: Session, query: FindingQuery) -> tuple[Facets, int]:
    """Count what each value of a filter would give, and the studies."""
    return held(
        request.app.state.figures,
        session,
        query.model_dump_json(),
        FIGURES,
        lambda: (queries.facets(session, query), queries.trials(session, query)),
    )


_EXPORTS = (
    *(("csv", "CSV"), ("parquet", "Parquet"), ("jsonl", "JSON Lines"), ("bioc.json", "BioC"), ("ris", "RIS")),
    *(("bib", "BibTeX"), ("fhir.json", "FHIR")),
)


def _no_findings(request: Request, sentences: tuple[str, ...]) -> HTMLResponse:
    blank: dict[str, Any] = {
        "chips": [],
        "set_count": 0,
        "rows": [],
        "passages": {},
        "studies_words": "",
        "exports": [],
        "next": None,
        "first": None,
    }
    said = {"groups": groups([], {}), "count_words": "", "order_words": "", "problem": sentences}
    return page(request, "findings.html", status=422, **blank, **said)


@router.get("/findings.{ending}")
def download(request: Request, ending: str) -> Response:
    """Export the findings that fit the filter of the address."""
    if ending not in export.FORMATS:
        raise Problem(404, f"Findings are exported as {' or '.join(export.FORMATS)}.")
    query = read_query(request.query_params.multi_items())
    engine = request.app.state.engine

    def lines() -> Any:
        with session_scope(engine, writes=False) as session:
            yield from export.write(session, query, ending)
            shown(request, queries.articles(session, query))

    named = {"Content-Disposition": f'attachment; filename="ketmine-findings.{ending}"'}
    return StreamingResponse(lines(), media_type=export.FORMATS[ending], headers=named)


@router.get("/findings/{finding_id}")
def finding(request: Request, finding_id: str) -> HTMLResponse:
    """Show one finding in its abstract."""
    with reading(request) as session:
        return finding_page(request, session, finding_id)


@router.get("/articles/{pmid}")
def article(request: Request, session: Reader, pmid: str) -> HTMLResponse:
    """Show an article with all its findings."""
    row = session.get(ArticleRow, pmid)
    version = session.get(ArticleVersion, row.version_id) if row else None
    if row is None or version is None:
        raise Problem(404, f"PMID {pmid[:20]} is not held.")
    items = queries.of_article(session, pmid)
    study = items[0].study if items else session.get(StudyRow, pmid)
    rows = [unswayed(row_of(item), person_of(request)) for item in items]
    now = [row_ for row_, item in zip(rows, items, strict=True) if item.finding.version_id == version.id]
    states = queries.versions(session, pmid)
    shown(request, [pmid])
    return page(
        request,
        "article.html",
        article=source(row, version),
        banners=present.banners(row),
        paragraphs=present.marked_all(version.text, [row for row in now if row.status != Status.SUPERSEDED]),
        study=present.study_facts(study, queries.conditions(session, pmid)),
        panel=panel(session, study, person_of(request)),
        study_history=history(session, pmid),
        rows=rows,
        version_id=version.id if study else None,
        version_number=version.number,
        types=TYPES,
        reasons=list(REASONS.items()),
        whole=whole(session, version.id),
        versions=[
            (f"{version.number}, received {version.received_at:%-d %b %Y}, run {version.run_id}", changes)
            for version, changes in zip(states, _changes(states), strict=True)
        ],
    )


def _changes(held: Sequence[ArticleVersion]) -> list[list[Change]]:
    """Give what each version changed in the text of the one before; the first, nothing."""
    return [[], *(difference(before.text, after.text) for before, after in pairwise(held))]


@router.get("/runs")
def run_list(request: Request, session: Reader) -> HTMLResponse:
    """List the runs, the last first, and show how things stand: what is left, what fails, how far PubMed was asked."""
    ahead = outlook(session)
    waits = [*((say(state), number) for state, number in ahead.left.items()), ("not read yet", ahead.unread)]
    return page(
        request,
        "runs.html",
        runs=[_run(session, run) for run in runs.runs(session)],
        late=ago(ahead.night) if ahead.night and ahead.late else None,
        left=[present.Fact(words.capitalize(), grouped(number)) for words, number in waits],
        records=[
            line.model_dump()
            | {"state_words": say(line.state), "reason": line.reason or "", "source": line.source or ""}
            for line in ahead.records
        ],
        more=grouped(ahead.total - len(ahead.records)) if ahead.total > len(ahead.records) else None,
        bookmarks=[mark.model_dump() | {"until": f"{mark.until:%-d %b %Y}"} for mark in ahead.bookmarks],
    )


@router.get("/runs/{run_id}")
def run_page(request: Request, session: Reader, run_id: int) -> HTMLResponse:
    """Show one run with its ledger."""
    run = session.get(Run, run_id) if run_id < 2**31 else None
    if run is None:
        raise Problem(404, f"There is no run {run_id}.")
    ledger = runs.ledger(session, run_id)
    changed = ledger.fetch["new"] + ledger.fetch["revised"]
    fetched = [(say(state), grouped(n)) for state, n in ledger.fetch.items()]
    read = [(say(state), grouped(n)) for state, n in ledger.extraction.items()]
    tables = (
        ("Records found", fetched, ("found", grouped(ledger.found))),
        ("New and revised ones", read, ("new or revised", grouped(changed))),
    )
    troubled = runs.records(session, run_id, *runs.UNDONE, *runs.UNREAD)[:200]
    troubles = [
        {
            "key": record.key,
            "state": say(record.extraction or record.fetch),
            "reason": record.reason or "",
            "source": record.source or "",
        }
        for record in troubled
    ]
    facts = [
        present.Fact("Started", f"{run.started_at:%-d %b %Y, %H:%M:%S} UTC"),
        present.Fact("Took", _took(run)),
        present.Fact("State", say(run.status)),
        present.Fact("Pipeline", f"{run.pipeline} {run.version or ''}" if run.pipeline else "–"),
        *(present.Fact(key, str(value)[:300]) for key, value in run.parameters.items() if value),
    ]
    told: dict[str, Any] = {"run": _run(session, run), "facts": facts, "tables": tables}
    return page(request, "run.html", troubles=troubles, **told)


_TONES = {RunStatus.COMPLETE: "accepted", RunStatus.FAILED: "rejected", RunStatus.INCOMPLETE: "adverse_event"}


def _run(session: Session, run: Run) -> dict[str, Any]:
    ledger = runs.ledger(session, run.id or 0)
    return {
        "id": run.id,
        "command": run.command,
        "when": f"{run.started_at:%-d %b %Y, %H:%M} UTC",
        "took": _took(run),
        "status": say(run.status),
        "tone": _TONES.get(RunStatus(run.status), "pending"),
        "reason": run.reason,
        "found": grouped(ledger.found),
        "new": grouped(ledger.fetch["new"]),
        "revised": grouped(ledger.fetch["revised"]),
        "unfinished": grouped(ledger.unfinished),
        "adds_up": "yes" if ledger.fetched_adds_up and ledger.extracted_adds_up else "no",
    }


def _took(run: Run) -> str:
    if run.finished_at is None:
        return "–"
    seconds = (run.finished_at - run.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
