"""What a person does to the set of findings of an abstract: add one, split one, merge two."""

from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from nlp.errors import TransitionError
from nlp.finding import AdverseEvent, Dose, Finding, Outcome, Provenance
from store.articles import NotHeldError, current_version
from store.curation import edit
from store.curation.drafts import forget_draft
from store.database import session_scope
from store.people.rights import Person
from store.review import ConflictError
from store.web import present
from store.web.access import Curator, Form
from store.web.acting import act
from store.web.desk import Kept, kept
from store.web.form import RECORDS, changes, inputs
from store.web.posted import LONGEST_NOTE, number_of, revision_of, span_of
from store.web.problems import Problem
from store.web.render import page
from store.web.words import TYPES

router = APIRouter(include_in_schema=False)

BLANK: dict[str, dict[str, Any]] = {
    "dose": {"low": 0.0, "high": 0.0, "unit": "mg/kg"},
    "adverse_event": {"assertion": "present"},
    "outcome": {"effect": "unclear"},
}
"""What the form of a finding to be added begins with."""


def blank(type_: str, place: dict[str, Any]) -> Finding:
    """Give a finding on these words that says as little as its type can say."""
    records: dict[str, type[Dose] | type[AdverseEvent] | type[Outcome]] = RECORDS
    source = Provenance(document_hash="0" * 64, pipeline="by_hand", version="1")
    return records[type_](id="", drug="ketamine", provenance=source, **place, **BLANK[type_])


@router.post("/articles/{pmid}/findings")
def add(request: Request, pmid: str, form: Form, person: Curator) -> Response:
    """Ask for the fields of a finding on the selected words, then add it."""
    type_, span = form.get("type", ""), span_of(form)
    if type_ not in RECORDS:
        raise Problem(422, f"A finding is one of {', '.join(TYPES)}.")
    if span is None:
        raise Problem(422, "Select the words of the finding first: by pointer, or with the key n.")
    filled = "drug" in form
    try:
        with session_scope(request.app.state.engine, writes=filled) as session:
            version = current_version(session, pmid)
            draft = blank(type_, edit.placed(version.text, *span))
            asked = Asked(pmid, version.text, version.id or 0, draft)
            if not filled:
                (typed,) = kept(session, person, asked.key)
                return _ask(request, asked, typed)
            try:
                made = _add(session, asked, form, person)
            except ValueError as error:
                return _ask(request, asked, Kept(asked.key), form, (str(error),))
    except NotHeldError as error:
        raise Problem(404, str(error)) from None
    except ConflictError as error:
        raise Problem(409, str(error)) from None
    except TransitionError as error:
        raise Problem(422, str(error)) from None
    return RedirectResponse(f"/findings/{made}", status_code=303)


class Asked(NamedTuple):
    """A finding to be added: on which version of which text, and the least that it says."""

    pmid: str
    text: str
    version_id: int
    draft: Finding

    @property
    def key(self) -> str:
        """Name the form, for what is typed into it."""
        return f"{self.pmid}-{self.version_id}-{self.draft.type}-{self.draft.anchor[0]}"


def _add(session: Session, asked: Asked, form: dict[str, str], person: Person) -> str:
    draft = asked.draft
    made = edit.add(
        session,
        asked.pmid,
        draft.type,
        draft.anchor,
        {**BLANK[draft.type], "drug": "ketamine", **changes(draft, form)},
        person,
        version_id=number_of(form, "version") or 0,
        note=form.get("note", "").strip()[:LONGEST_NOTE],
    )
    forget_draft(session, person.name, asked.key)
    return made.id


def _ask(
    request: Request,
    asked: Asked,
    draft: Kept,
    entered: dict[str, str] | None = None,
    problem: tuple[str, ...] = (),
) -> HTMLResponse:
    finding = asked.draft
    return page(
        request,
        "add.html",
        status=422 if problem else 200,
        pmid=asked.pmid,
        version_id=asked.version_id,
        type=finding.type,
        type_word=TYPES[finding.type],
        start=finding.anchor[0],
        end=finding.anchor[1],
        words=finding.anchor_text,
        paragraphs=present.marked_words(asked.text, finding.anchor, finding.evidence),
        inputs=inputs(finding, entered),
        note=(entered or {}).get("note", ""),
        draft=draft,
        problem=problem,
    )


@router.post("/findings/{finding_id}/split")
def split(request: Request, finding_id: str, form: Form, person: Curator) -> Response:
    """Make two findings of one, each on its own words."""
    spans = [span for span in (span_of(form), span_of(form, "_2")) if span]
    return _done(
        request,
        finding_id,
        lambda session, double: edit.split(
            session, finding_id, person, spans, seen=revision_of(form), double=double
        ),
    )


@router.post("/findings/{finding_id}/merge")
def merge(request: Request, finding_id: str, form: Form, person: Curator) -> Response:
    """Let another finding stand for this one."""
    return _done(
        request,
        finding_id,
        lambda session, double: edit.merge(
            session, finding_id, form.get("into", ""), person, seen=revision_of(form), double=double
        ),
    )


def _done(request: Request, finding_id: str, work: Any) -> Response:
    act(
        request,
        lambda session: work(session, request.app.state.double),
        again="Look again before you decide.",
    )
    return RedirectResponse(f"/findings/{finding_id}", status_code=303)
