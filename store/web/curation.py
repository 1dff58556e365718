"""What a curator sends: a decision, its undoing. Every one of these changes the store."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from nlp.errors import TransitionError
from store.curation.double import Shares
from store.curation.edit import placed
from store.curation.queue import next_waiting
from store.database import session_scope
from store.export import value_that_counts
from store.links import chosen
from store.people.rights import ForbiddenError, Person, Right, check_right
from store.review import ConflictError, decide
from store.tables import ArticleVersion, FindingRow
from store.transitions import Action
from store.web.access import Form, person_of
from store.web.desk import DOSE, QUEUE, Entered, finding_page, missing
from store.web.form import changes
from store.web.posted import LONGEST_NOTE, revision_of, span_of

router = APIRouter(include_in_schema=False)


@router.get("/findings/{finding_id}/{action}")
def to_finding(finding_id: str, action: Action) -> Response:
    """Lead a reloaded answer to a decision back to its finding."""
    return RedirectResponse(f"/findings/{finding_id}", status_code=303)


@router.post("/findings/{finding_id}/{action}")
def take_decision(request: Request, finding_id: str, action: Action, form: Form) -> Response:
    """Keep a decision and lead on; when something is in the way, say what, with what was entered."""
    person = person_of(request)
    in_queue = form.get("then") == "queue"
    fields = form if action is Action.CORRECT else None
    entered = Entered(
        str(action), form.get("reason", ""), form.get("note", "")[:LONGEST_NOTE], fields, in_queue
    )
    if person is None:
        return _again(request, finding_id, 403, "Log in first, then decide.", Entered(queue=in_queue))
    try:
        with session_scope(request.app.state.engine) as session:
            onward = _decide(session, finding_id, action, person, form, in_queue, request.app.state.double)
    except ForbiddenError as error:
        return _again(request, finding_id, 403, str(error), entered)
    except ConflictError as error:
        fresh = Entered(note=entered.note, queue=in_queue)
        return _again(request, finding_id, 409, f"{error} Look again before you decide.", fresh)
    except (TransitionError, ValueError) as error:
        return _again(request, finding_id, 422, str(error), entered)
    return RedirectResponse(onward, status_code=303)


def _decide(
    session: Session,
    finding_id: str,
    action: Action,
    person: Person,
    form: dict[str, str],
    in_queue: bool,
    double: Shares,
) -> str:
    """Do the act; give the address to go on to."""
    check_right(person, Right.REVIEW)  # before the form is read: what it lacks is told to who may send it
    after = next_waiting(session, finding_id, person.name) if in_queue else None
    row = decide(
        session,
        finding_id,
        action,
        person,
        seen=revision_of(form),
        reason=form.get("reason"),
        note=form.get("note", "").strip()[:LONGEST_NOTE],
        changes=_edits(session, finding_id, form) if action is Action.CORRECT else None,
        double=double,
    )
    if form.get("then") == "article":
        return f"/articles/{row.pmid}"
    if action is Action.UNDO or not in_queue:
        return f"/findings/{finding_id}{QUEUE if in_queue else ''}"
    return f"/findings/{after}{QUEUE}&done={finding_id}" if after else f"/queue?done={finding_id}"


def _edits(session: Session, finding_id: str, form: dict[str, str]) -> dict[str, object]:
    """Give the fields that a correction changes, and the words where others were selected."""
    row = session.get(FindingRow, finding_id)
    if row is None:
        raise missing(finding_id)
    edits = changes(value_that_counts(row), form)
    if span := span_of(form):
        edits |= placed(session.get_one(ArticleVersion, row.version_id).text, *span)
    if form.get("doses") == "shown":
        prefix = DOSE.format("")
        edits |= chosen(session, row, [key.removeprefix(prefix) for key in form if key.startswith(prefix)])
    return edits


def _again(request: Request, finding_id: str, status: int, problem: str, entered: Entered) -> HTMLResponse:
    with session_scope(request.app.state.engine, writes=False) as session:
        return finding_page(request, session, finding_id, status=status, problem=(problem,), entered=entered)
