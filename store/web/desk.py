"""Put together the page of one finding in its abstract, with what a curator may do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse

from nlp.article import Article
from store.companions import KINDS, related
from store.curation.queue import SKIPS, left_of_batch, next_waiting
from store.export import value_that_counts
from store.people.rights import Person, Right, lacks
from store.queries import Detail, Item, detail
from store.review import allowed, is_double, why_none
from store.tables import ArticleRow, ArticleVersion, FindingRow, Status
from store.transitions import REASONS
from store.web import present
from store.web.access import person_of
from store.web.form import inputs
from store.web.problems import Problem
from store.web.render import page
from store.web.words import TYPES

QUEUE = "?queue=1"


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


def found(session: Session, finding_id: str) -> Detail:
    """Give a finding with all about it, or the problem that there is none."""
    known = detail(session, finding_id)
    if known is None:
        raise Problem(404, f"There is no finding {finding_id[:60]}.")
    return known


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
    known = found(session, finding_id)
    finding, article = known.item.finding, known.item.article
    person, double = person_of(request), request.app.state.double
    curator = person.name if person else None
    in_queue = request.query_params.get("queue") == "1" or (entered is not None and entered.queue)
    suffix = QUEUE if in_queue else ""
    current = finding.version_id == article.version_id
    living = [item for item in known.siblings if item.finding.version_id == finding.version_id]
    entered = entered or Entered()
    may = [str(action) for action in allowed(session, finding, person, double)]
    return page(
        request,
        "finding.html",
        status=status,
        row=unswayed(row_of(known.item), person),
        done=done_before(request, session, finding_id),
        problem=problem,
        queue=in_queue,
        keep=suffix,
        banners=present.banners(article, finding, current),
        article=source(article, known.version),
        paragraphs=present.marked(known.version.text, finding, [item.finding for item in living], suffix),
        siblings=[row_of(item) for item in known.siblings],
        facts=present.facts(finding, known.doses),
        study=present.study_facts(known.item.study, known.conditions),
        companions=[
            {"words": KINDS[r.kind], "pmid": r.article.pmid, "year": r.article.year, "evidence": r.evidence}
            for r in related(session, article.pmid)
        ],
        history=present.history(known.decisions),
        provenance=present.provenance(finding, known.version, current),
        allowed=may,
        why_not=None if may else why_none(session, finding, person),
        double=is_double(session, finding, double),
        left=len(left_of_batch(session, curator)) if in_queue and curator else 0,
        skips=list(SKIPS.items()),
        mergeable=[row_of(item) for item in known.siblings if _mergeable(finding, item.finding)],
        version_id=known.version.id,
        types=TYPES,
        seen=finding.revision,
        inputs=inputs(value_that_counts(finding), entered.fields),
        reasons=list(REASONS.items()),
        entered=entered,
        panel=entered.panel,
        **_steps(session, known, in_queue, curator),
    )


def _mergeable(finding: FindingRow, other: FindingRow) -> bool:
    living = other.status not in (Status.REJECTED, Status.SUPERSEDED)
    return living and other.id != finding.id and other.type == finding.type


def _steps(session: Session, known: Detail, in_queue: bool, curator: str | None) -> dict[str, str | None]:
    """Link the finding before and after: in the queue, or else in the abstract."""
    ids = [item.finding.id for item in known.siblings]
    at = ids.index(known.item.finding.id)
    if in_queue:
        after = next_waiting(session, ids[at], curator)
        return {"previous": None, "next": f"/findings/{after}{QUEUE}" if after else "/queue"}
    before = f"/findings/{ids[at - 1]}" if at else None
    return {"previous": before, "next": f"/findings/{ids[at + 1]}" if at + 1 < len(ids) else None}


def done_before(request: Request, session: Session, finding_id: str = "") -> present.Row | None:
    """Give the finding that was decided just before, to say so and offer to undo."""
    before = request.query_params.get("done", "")
    if not before or before == finding_id:
        return None
    known = detail(session, before)
    return row_of(known.item) if known else None
