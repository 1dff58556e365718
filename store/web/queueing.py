"""The queue's pages: what waits and why, batches, skips, saved queues, whole abstracts."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from nlp.errors import TransitionError
from store.articles import NotHeldError
from store.curation import queue
from store.curation.lane import warnings
from store.database import session_scope
from store.filters import EVERYTHING, FindingQuery
from store.people.accounts import people
from store.people.rights import RIGHTS, Right, Role, lacks
from store.review import ConflictError
from store.web.access import Adjudicator, Curator, Form, Reader, person_of
from store.web.desk import QUEUE, done_before, row_of, unswayed
from store.web.filters import chips, groups, read_query
from store.web.posted import LONGEST_NOTE, number_of
from store.web.problems import Problem
from store.web.render import page
from store.web.words import grouped

router = APIRouter(include_in_schema=False)

SHOWN = 50
LONGEST_NAME = 60
KEEP = ("done", "name", "assigned")
"""Parameters of the queue's address that are no filter."""


def filters_of(request: Request) -> list[tuple[str, str]]:
    """Give the filters in the address of the queue."""
    return [(key, value) for key, value in request.query_params.multi_items() if key not in KEEP and value]


def query_of(pairs: list[tuple[str, str]]) -> FindingQuery | None:
    """Give the filter of the queue, of any status and source; None when nothing narrows it."""
    if not pairs:
        return None
    given = {key for key, _ in pairs}
    lifted = {field: value for field, value in EVERYTHING.items() if field not in given}
    return read_query(pairs).model_copy(update=lifted)


@router.get("/queue")
def waiting(request: Request, session: Reader) -> HTMLResponse:
    """List the findings that need a person, most useful first."""
    pairs, person = filters_of(request), person_of(request)
    curator = person.name if person else None
    entries = queue.waiting(session, curator, query_of(pairs), limit=SHOWN + 1)
    mine = queue.batch(session, curator) if curator else []
    counts = queue.by_reason(session)
    return page(
        request,
        "queue.html",
        rows=[(unswayed(row_of(entry.item), person), entry.reason) for entry in entries[:SHOWN]],
        more=len(entries) > SHOWN,
        batch=[(unswayed(row_of(entry.item), person), entry.reason) for entry in mine],
        count_words=f"{grouped(sum(count for _, count in counts))} waiting",
        reasons=[(words, grouped(count)) for words, count in counts],
        saved=_saved(session, curator),
        chips=[chip for chip in chips("/queue", pairs, {}) if not chip.kind],
        groups=groups(pairs, {}),
        filters=urlencode(pairs),
        size=queue.BATCH,
        hours=f"{queue.LEASE.total_seconds() / 3600:g}",
        done=done_before(request, session),
        assigned=request.query_params.get("assigned", ""),
        curators=_curators(session) if lacks(person, Right.ADJUDICATE) is None else [],
        warnings=warnings(session) if lacks(person, Right.ADMINISTER) is None else [],
    )


def _curators(session: Session) -> list[str]:
    """Name those who can be given a batch."""
    return [
        user.name for user in people(session) if not user.disabled and Right.REVIEW in RIGHTS[Role(user.role)]
    ]


def _saved(session: Session, curator: str | None) -> list[tuple[str, str]]:
    return [
        (one.name, "/queue?" + urlencode([(key, value) for key, value in one.filters]))
        for one in queue.saved(session, curator)
    ]


@router.post("/queue/take")
def take(request: Request, form: Form, person: Curator) -> Response:
    """Take the next batch, and lead to its first finding."""
    pairs = filters_of(request)
    with session_scope(request.app.state.engine) as session:
        taken = queue.take_batch(session, person.name, query_of(pairs))
    return RedirectResponse(f"/findings/{taken[0]}{QUEUE}" if taken else "/queue", status_code=303)


@router.post("/queue/assign")
def assign(request: Request, form: Form, person: Adjudicator) -> Response:
    """Give the next batch to someone else."""
    pairs = filters_of(request)
    try:
        with session_scope(request.app.state.engine) as session:
            name = queue.reviewer(session, form.get("to", ""))
            taken = queue.take_batch(session, name, query_of(pairs), more=True)
    except TransitionError as error:
        raise Problem(422, str(error)) from None
    told = urlencode([*pairs, ("assigned", f"{name}: {len(taken)}")])
    return RedirectResponse(f"/queue?{told}", status_code=303)


@router.post("/queue/return")
def give_back(request: Request, form: Form, person: Curator) -> Response:
    """Give a batch back before its lease runs out."""
    with session_scope(request.app.state.engine) as session:
        queue.give_back(session, person.name)
    return RedirectResponse("/queue", status_code=303)


@router.post("/queue/save")
def save(request: Request, form: Form, person: Curator) -> Response:
    """Keep the filters of the address under a name, or forget that name when there are none."""
    name, pairs, curator = (
        " ".join(form.get("name", "").split())[:LONGEST_NAME],
        filters_of(request),
        person.name,
    )
    if not name:
        raise Problem(422, "Give the saved queue a name.")
    query_of(pairs)
    with session_scope(request.app.state.engine) as session:
        queue.save(session, curator, name, pairs)
    return RedirectResponse("/queue" + (f"?{urlencode(pairs)}" if pairs else ""), status_code=303)


@router.post("/findings/{finding_id}/skip")
def skip(request: Request, finding_id: str, form: Form, person: Curator) -> Response:
    """Pass over a finding with a reason, and lead on."""
    curator = person.name
    try:
        with session_scope(request.app.state.engine) as session:
            after = queue.next_waiting(session, finding_id, curator)
            queue.skip(session, finding_id, curator, form.get("reason", ""))
    except TransitionError as error:
        raise Problem(422, str(error)) from None
    return RedirectResponse(f"/findings/{after}{QUEUE}" if after else "/queue", status_code=303)


@router.post("/articles/{pmid}/complete")
def complete(request: Request, pmid: str, form: Form, person: Curator) -> Response:
    """Keep a curator's word that the abstract says nothing else."""
    note = form.get("note", "").strip()[:LONGEST_NOTE]
    try:
        with session_scope(request.app.state.engine) as session:
            queue.complete(session, pmid, person.name, number=number_of(form, "version") or 0, note=note)
    except ConflictError as error:
        raise Problem(409, str(error)) from None
    except NotHeldError as error:
        raise Problem(404, str(error)) from None
    return RedirectResponse(f"/articles/{pmid}", status_code=303)
