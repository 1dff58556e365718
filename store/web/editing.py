"""What a person does to the set of findings of an abstract: add one, split one, merge two."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from nlp.errors import TransitionError
from nlp.finding import AdverseEvent, Dose, Finding, Outcome, Provenance
from store.articles import NotHeldError, current_version
from store.curation import edit
from store.database import session_scope
from store.people.rights import ForbiddenError
from store.review import ConflictError
from store.web import present
from store.web.access import Curator, Form
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
    asked = "drug" not in form
    with session_scope(request.app.state.engine) as session:
        try:
            version = current_version(session, pmid)
        except NotHeldError as error:
            raise Problem(404, str(error)) from None
        try:
            draft = blank(type_, edit.placed(version.text, *span))
            if not asked:
                fields = {**BLANK[type_], "drug": "ketamine", **changes(draft, form)}
                made = edit.add(
                    session,
                    pmid,
                    type_,
                    span,
                    fields,
                    person,
                    version_id=number_of(form, "version") or 0,
                    note=form.get("note", "").strip()[:LONGEST_NOTE],
                )
                return RedirectResponse(f"/findings/{made.id}", status_code=303)
        except ConflictError as error:
            raise Problem(409, str(error)) from None
        except TransitionError as error:
            raise Problem(422, str(error)) from None
        except ValueError as error:
            return _ask(request, pmid, version.text, version.id or 0, draft, form, (str(error),))
        return _ask(request, pmid, version.text, version.id or 0, draft, None, ())


def _ask(
    request: Request,
    pmid: str,
    text: str,
    version_id: int,
    draft: Finding,
    entered: dict[str, str] | None,
    problem: tuple[str, ...],
) -> HTMLResponse:
    return page(
        request,
        "add.html",
        status=422 if problem else 200,
        pmid=pmid,
        version_id=version_id,
        type=draft.type,
        type_word=TYPES[draft.type],
        start=draft.anchor[0],
        end=draft.anchor[1],
        words=draft.anchor_text,
        paragraphs=present.marked_words(text, draft.anchor, draft.evidence),
        inputs=inputs(draft, entered),
        note=(entered or {}).get("note", ""),
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


def _done(request: Request, finding_id: str, act: Any) -> Response:
    try:
        with session_scope(request.app.state.engine) as session:
            act(session, request.app.state.double)
    except ForbiddenError as error:
        raise Problem(403, str(error)) from None
    except ConflictError as error:
        raise Problem(409, f"{error} Look again before you decide.") from None
    except (TransitionError, ValueError) as error:
        raise Problem(422, str(error)) from None
    return RedirectResponse(f"/findings/{finding_id}", status_code=303)
