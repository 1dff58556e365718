"""Put together the page of one finding in its abstract, with what a curator may do."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse

from nlp.article import Article
from store.companions import KINDS, related
from store.curation.double import Shares
from store.curation.drafts import drafts
from store.curation.queue import SKIPS, left_of_batch, next_waiting
from store.export import value_that_counts
from store.people.rights import Person, Right, lacks
from store.queries import Detail, Item, detail, items
from store.review import NEWEST, options
from store.tables import ArticleRow, ArticleVersion, FindingRow, Status
from store.transitions import REASONS
from store.web import present
from store.web.access import person_of, shown
from store.web.form import inputs
from store.web.problems import Problem
from store.web.render import page
from store.web.words import TYPES

QUEUE = "?queue=1"

DOSE = "dose-{}"
"""The field by which a form says that a result belongs to a dose."""

GONE = (Status.REJECTED, Status.SUPERSEDED)
"""What a finding cannot be merged into, nor a result belong to."""


class Entered(NamedTuple):
    """What a curator had entered when something was in the way, so that nothing is typed twice."""

    panel: str = ""
    reason: str = ""
    note: str = ""
    fields: Mapping[str, str] | None = None
    queue: bool = False


def row_of(item: Item) -> present.Row:
    """Put an item into a row."""
    return present.row(item.finding, item.article, item.study, item.flags)


def unswayed(row: present.Row, person: Person | None) -> present.Row:
    """Keep from who is about to decide how sure the machine is; it would tell an audit of the accept lane, too."""
    undecided = row.status == Status.PENDING and lacks(person, Right.REVIEW) is None
    return row._replace(confidence=None) if undecided else row


def source(article: ArticleRow, version: ArticleVersion) -> dict[str, Any]:
    """Say where a text was published."""
    record = Article.model_validate(version.record)
    published = record.publication_date or record.electronic_date
    return {
        "pmid": article.pmid,
        "title": article.title,
        "journal": article.journal or "journal unknown",
        "date": str(published) if published else "",
        "doi": article.doi,
        "registry_numbers": [number.accession for number in record.registry_numbers],
        "has_abstract": bool(record.abstract),
        "lang": "en",  # titles and abstracts in PubMed are English; the vernacular ones are kept apart
    }


def found(session: Session, finding_id: str, *, whole: bool = False) -> Detail:
    """Give a finding with all about it, or the problem that there is none; with `whole` all of a long history."""
    known = detail(session, finding_id, whole=whole)
    if known is None:
        raise missing(finding_id)
    return known


def missing(finding_id: str) -> Problem:
    """Make the problem that there is no such finding."""
    return Problem(404, f"There is no finding {finding_id[:60]}.")


def finding_page(
    request: Request,
    session: Session,
    finding_id: str,
    *,
    status: int = 200,
    problem: tuple[str, ...] = (),
    entered: Entered | None = None,
) -> HTMLResponse:
    """Show one finding; `problem` and `entered` say what was in the way of a decision."""
    whole = request.query_params.get("history") == "all"
    known, person = found(session, finding_id, whole=whole), person_of(request)
    entered = entered or Entered()
    in_queue = entered.queue or request.query_params.get("queue") == "1"
    rows = {item.finding.id: row_of(item) for item in known.siblings}
    if not in_queue:  # what is read because it waits is not what people ask for
        shown(request, [known.item.finding.pmid])
    return page(
        request,
        "finding.html",
        status=status,
        problem=problem,
        done=done_before(request, session, finding_id),
        row=unswayed(rows[finding_id], person),
        **_read(session, known, rows, QUEUE if in_queue else ""),
        **_history(known, rows, whole),
        **_review(known, rows, person, request.app.state.double, entered),
        drafts=_drafts(session, known.item.finding, None if entered.panel else person),
        **_way(session, known, in_queue, person),
    )


def _read(session: Session, known: Detail, rows: Mapping[str, present.Row], suffix: str) -> dict[str, Any]:
    """Say what is read: the abstract with its marks, the finding's facts, and where they come from."""
    finding, article = known.item.finding, known.item.article
    current = finding.version_id == article.version_id
    living = [rows[it.finding.id] for it in known.siblings if it.finding.version_id == finding.version_id]
    return {
        "banners": present.banners(article, finding, current),
        "article": source(article, known.version),
        "paragraphs": present.marked(known.version.text, finding, living, suffix),
        "siblings": list(rows.values()),
        "keep": suffix,
        "facts": present.facts(finding, known.doses),
        "study": present.study_facts(known.item.study, known.conditions),
        "companions": [
            {"words": KINDS[r.kind], "pmid": r.article.pmid, "year": r.article.year, "evidence": r.evidence}
            for r in related(session, article.pmid)
        ],
        "provenance": present.provenance(finding, known.version, current),
    }


def _history(known: Detail, rows: Mapping[str, present.Row], whole: bool) -> dict[str, Any]:
    """Say what was decided: the newest acts, and how many earlier ones there are."""
    shown_acts = known.decisions if whole else known.decisions[-NEWEST:]
    doses = {key: row.anchor for key, row in rows.items() if row.type == "dose"}
    return {"history": present.history(shown_acts, doses), "earlier": len(known.decisions) - len(shown_acts)}


def _review(
    known: Detail, rows: Mapping[str, present.Row], person: Person | None, double: Shares, entered: Entered
) -> dict[str, Any]:
    """Say what may be done: the forms, with what was entered."""
    finding = known.item.finding
    may = options(finding, known.acts, person, double)
    return {
        "allowed": [str(action) for action in may.actions],
        "why_not": may.why_none,
        "double": may.double,
        "skips": list(SKIPS.items()),
        "mergeable": [row for row in rows.values() if _mergeable(finding, row)],
        "version_id": known.version.id,
        "types": TYPES,
        "seen": finding.revision,
        "inputs": inputs(value_that_counts(finding), entered.fields),
        "reasons": list(REASONS.items()),
        "choices": [] if finding.type == "dose" else _choices(known, rows, entered),
        "entered": entered,
        "panel": entered.panel,
    }


class Choice(NamedTuple):
    """A dose that a result may belong to: its field in the form, its words, and whether it does."""

    field: str
    words: str
    chosen: bool


def _choices(known: Detail, rows: Mapping[str, present.Row], entered: Entered) -> list[Choice]:
    linked = {dose.id for dose in known.doses}
    doses = [row for row in rows.values() if row.type == "dose" and row.status not in GONE]
    return [
        Choice(
            DOSE.format(row.id),
            ", ".join(
                filter(None, (row.anchor, row.line.claim))
            ),  # the parts of a split dose have one amount
            row.id in linked if entered.fields is None else DOSE.format(row.id) in entered.fields,
        )
        for row in doses
    ]


class Kept(NamedTuple):
    """Under which key the server keeps what is typed into a form, and what it has of it, as JSON."""

    key: str
    kept: str = ""


def kept(session: Session, person: Person | None, *keys: str) -> list[Kept]:
    """Look what a person had typed into forms; of nobody, nothing."""
    held = drafts(session, person.name, keys) if person else {}
    return [Kept(key, json.dumps({"fields": held[key]}) if key in held else "") for key in keys]


def _drafts(session: Session, finding: FindingRow, person: Person | None) -> dict[str, Kept]:
    forms, seen = ("correct", "reject"), f"{finding.id}-{finding.revision}"
    curator = person if lacks(person, Right.REVIEW) is None else None
    return dict(zip(forms, kept(session, curator, *(f"{seen}-{form}" for form in forms)), strict=True))


def _mergeable(finding: FindingRow, other: present.Row) -> bool:
    return other.status not in GONE and other.id != finding.id and other.type == finding.type


def _way(session: Session, known: Detail, in_queue: bool, person: Person | None) -> dict[str, Any]:
    """Link the finding before and after: in the queue, or else in the abstract."""
    ids = [item.finding.id for item in known.siblings]
    at = ids.index(known.item.finding.id)
    if not in_queue:
        before = f"/findings/{ids[at - 1]}" if at else None
        after = f"/findings/{ids[at + 1]}" if at + 1 < len(ids) else None
        return {"queue": False, "left": 0, "previous": before, "next": after}
    curator = person.name if person else None
    left = left_of_batch(session, curator) if curator else []
    onward = next_waiting(session, ids[at], curator, left)
    onward = f"/findings/{onward}{QUEUE}" if onward else "/queue"
    return {"queue": True, "left": len(left), "previous": None, "next": onward}


def done_before(request: Request, session: Session, finding_id: str = "") -> present.Row | None:
    """Give the finding that was decided just before, to say so and offer to undo."""
    before = request.query_params.get("done", "")
    if not before or before == finding_id:
        return None
    return next((row_of(item) for item in items(session, [before])), None)
