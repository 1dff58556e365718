"""What a curator sends: a decision, its undoing. Every one of these changes the store."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from nlp.errors import TransitionError
from store.database import session_scope
from store.export import value_that_counts
from store.people.rights import ForbiddenError, Person
from store.queries import queue, totals
from store.review import Action, ConflictError, decide
from store.web.access import Form, Reader, person_of
from store.web.desk import QUEUE, Entered, done_before, finding_page, found, next_waiting, row_of
from store.web.form import changes
from store.web.render import page
from store.web.words import grouped

router = APIRouter(include_in_schema=False)

LONGEST_NOTE = 2000


@router.get("/queue")
def waiting(request: Request, session: Reader) -> HTMLResponse:
    """List the findings that need a person, most useful first."""
    items = queue(session, limit=51)
    return page(
        request,
        "queue.html",
        rows=[row_of(item) for item in items[:50]],
        count_words=f"{grouped(totals(session)['waiting'])} waiting"
        + (", the first 50" if len(items) > 50 else ""),
        done=done_before(request, session),
        problem=(),
    )


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
            onward = _decide(session, finding_id, action, person, form, in_queue)
    except ForbiddenError as error:
        return _again(request, finding_id, 403, str(error), entered)
    except ConflictError as error:
        fresh = Entered(note=entered.note, queue=in_queue)
        return _again(request, finding_id, 409, f"{error} Look again before you decide.", fresh)
    except (TransitionError, ValueError) as error:
        return _again(request, finding_id, 422, str(error), entered)
    return RedirectResponse(onward, status_code=303)


def _decide(
    session: Session, finding_id: str, action: Action, person: Person, form: dict[str, str], in_queue: bool
) -> str:
    """Do the act; give the address to go on to."""
    known = found(session, finding_id)
    after = next_waiting(session, finding_id) if in_queue else None
    edits = changes(value_that_counts(known.item.finding), form) if action is Action.CORRECT else None
    decide(
        session,
        finding_id,
        action,
        person,
        seen=_revision(form),
        reason=form.get("reason"),
        note=form.get("note", "").strip()[:LONGEST_NOTE],
        changes=edits,
    )
    if action is Action.UNDO or not in_queue:
        return f"/findings/{finding_id}{QUEUE if in_queue else ''}"
    return f"/findings/{after}{QUEUE}&done={finding_id}" if after else f"/queue?done={finding_id}"


def _revision(form: dict[str, str]) -> int:
    text = form.get("seen", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("The form lacks the revision that it was drawn from: reload the page.")
    return int(text)


def _again(request: Request, finding_id: str, status: int, problem: str, entered: Entered) -> HTMLResponse:
    with session_scope(request.app.state.engine, writes=False) as session:
        return finding_page(request, session, finding_id, status=status, problem=(problem,), entered=entered)
