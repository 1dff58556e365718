"""The desk for programs: deciding, queue and batches as JSON under /api/v1, by the scopes of a token.

Everything goes through the functions that the pages call, so that no rule is written twice.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field

from nlp.article import Record
from store.articles import current_version
from store.curation import edit, queue
from store.export import ExportedFinding, exported, value_that_counts
from store.filters import FindingQuery
from store.links import chosen
from store.review import ConflictError, allowed, decide
from store.tables import FindingRow
from store.transitions import Action
from store.web.access import Adjudicator, Curator, Reader
from store.web.acting import act
from store.web.desk import found
from store.web.editing import BLANK, blank
from store.web.form import RECORDS, inputs
from store.web.form import changes as read_changes
from store.web.openapi import WRITE_PROBLEMS
from store.web.posted import LONGEST_NOTE
from store.web.problems import Problem
from store.web.queueing import LONGEST_NAME, filters_of, query_of

router = APIRouter(prefix="/api/v1", tags=["desk"], responses=WRITE_PROBLEMS)

Words = Annotated[str, Field(max_length=LONGEST_NOTE)]
Span = Annotated[tuple[int, int], Field(description="Half-open offsets of words in the article's text.")]
Revision = Annotated[int, Field(ge=0, le=2**31 - 1, description="The finding's `revision` that was read.")]
Fields = Annotated[
    dict[str, str | float | bool | None],
    Field(max_length=20, description="Fields that a curator can correct, with their new values."),
]


Doses = Annotated[
    tuple[Annotated[str, Field(max_length=60)], ...],
    Field(
        max_length=20,
        description="The ids of the doses of its abstract that a result belongs to: all of them.",
    ),
]


class DecisionIn(Record):
    """One act on one finding; `changes`, `span` and `doses` are for `correct`, `reason` is for `reject`."""

    action: Action
    seen: Revision
    reason: Annotated[str, Field(max_length=60)] | None = None
    note: Words | None = None
    changes: Fields = Field(default_factory=dict)
    span: Span | None = None
    doses: Doses | None = None


class Standing(Record):
    """Where a finding stands after an act, and what the asker may do next."""

    id: str
    status: str
    revision: int
    allowed: tuple[str, ...]


class Waiting(Record):
    """A finding of the queue, why it is there, and what may be done with it."""

    reason: str
    finding: ExportedFinding


class QueueRecord(Record):
    """The queue, most useful first; `counts` is by reason, of the whole queue."""

    counts: dict[str, int]
    items: tuple[Waiting, ...]


class Batch(Record):
    """A curator's batch: what is left of it, in its order."""

    curator: str
    items: tuple[Waiting, ...]


class TakeIn(Record):
    """How many findings to take; the filters stand in the address."""

    size: Annotated[int, Field(ge=1, le=100)] = queue.BATCH


class AssignIn(TakeIn):
    """Whom to give a batch to."""

    to: Annotated[str, Field(max_length=60)]


class SkipIn(Record):
    """Why a finding is passed over: one of the reasons of the page."""

    reason: Annotated[str, Field(max_length=60)]


class AddIn(Record):
    """A finding that the reader missed, on words of the version that was read."""

    type: Annotated[str, Field(max_length=20)]
    span: Span
    article_version: Annotated[int, Field(ge=0, le=2**31 - 1, description="The version that was read.")]
    fields: Fields = Field(default_factory=dict)
    note: Words | None = None


class SplitIn(Record):
    """The words of each part; the first keeps the finding."""

    seen: Revision
    spans: Annotated[tuple[Span, ...], Field(min_length=2, max_length=10)]
    note: Words | None = None


class MergeIn(Record):
    """The finding that stands for both from now on."""

    seen: Revision
    into: Annotated[str, Field(max_length=60)]


@router.post("/findings/{finding_id}/decisions")
def take_decision(request: Request, finding_id: str, asked: DecisionIn, person: Curator) -> Standing:
    """Accept, correct, reject, confirm or undo; 409 when someone else changed the finding meanwhile."""
    double = request.app.state.double
    if asked.action in (Action.SPLIT, Action.MERGE):
        raise Problem(422, f"Send it to /api/v1/findings/{finding_id[:60]}/{asked.action.value}.")

    def work(session: Any) -> Standing:
        known = found(session, finding_id)
        edits = None
        if asked.action is Action.CORRECT:
            edits = _read(value_that_counts(known.item.finding), asked.changes)
            if asked.span:
                edits |= edit.placed(known.version.text, *asked.span)
            if asked.doses is not None:
                edits |= chosen(session, session.get_one(FindingRow, finding_id), asked.doses)
        row = decide(
            session,
            finding_id,
            asked.action,
            person,
            seen=asked.seen,
            reason=asked.reason,
            note=asked.note,
            changes=edits,
            double=double,
        )
        return _standing(session, row, person, double)

    return act(request, work)


def _read(finding: Any, given: dict[str, str | float | bool | None]) -> dict[str, object]:
    """Read changes as the form of the page is read: exactly what the extractor can produce is taken."""
    drawn = {field.field: field.value for field in inputs(finding)}
    unknown = sorted(set(given) - set(drawn))
    if unknown:
        raise ValueError(f"{unknown[0][:40]!r} is no field to correct: {', '.join(drawn)}.")
    return read_changes(finding, drawn | {field: _written(value) for field, value in given.items()})


def _written(value: str | float | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def _standing(session: Any, row: FindingRow, person: Any, double: Any) -> Standing:
    may = tuple(act.value for act in allowed(session, row, person, double))
    return Standing(id=row.id, status=row.status, revision=row.revision, allowed=may)


@router.post("/findings/{finding_id}/skip")
def skip(request: Request, finding_id: str, asked: SkipIn, person: Curator) -> Standing:
    """Pass over a finding, for oneself."""

    def work(session: Any) -> Standing:
        row = found(session, finding_id).item.finding
        queue.skip(session, finding_id, person.name, asked.reason)
        return _standing(session, row, person, request.app.state.double)

    return act(request, work)


@router.post("/findings/{finding_id}/split")
def split(request: Request, finding_id: str, asked: SplitIn, person: Curator) -> list[Standing]:
    """Make one finding into several, each on its own words."""
    double = request.app.state.double

    def work(session: Any) -> list[Standing]:
        found(session, finding_id)
        parts = edit.split(
            session, finding_id, person, asked.spans, seen=asked.seen, note=asked.note, double=double
        )
        return [_standing(session, row, person, double) for row in parts]

    return act(request, work)


@router.post("/findings/{finding_id}/merge")
def merge(request: Request, finding_id: str, asked: MergeIn, person: Curator) -> Standing:
    """Let another finding of the same abstract stand for this one."""
    double = request.app.state.double

    def work(session: Any) -> Standing:
        found(session, finding_id)
        row = edit.merge(session, finding_id, asked.into, person, seen=asked.seen, double=double)
        return _standing(session, row, person, double)

    return act(request, work)


@router.post("/articles/{pmid}/findings", status_code=201)
def add(request: Request, pmid: str, asked: AddIn, person: Curator) -> Standing:
    """Add a finding that the reader missed: accepted, by the asker."""
    if asked.type not in RECORDS:
        raise Problem(422, f"A finding is one of {', '.join(RECORDS)}.")

    def work(session: Any) -> Standing:
        version = current_version(session, pmid)
        if version.number != asked.article_version:
            raise ConflictError(
                f"PMID {pmid} was revised after you read it: it has version {version.number} now."
            )
        draft = blank(asked.type, edit.placed(version.text, *asked.span))
        fields = {**BLANK[asked.type], "drug": "ketamine", **_read(draft, asked.fields)}
        row = edit.add(
            session,
            pmid,
            asked.type,
            asked.span,
            fields,
            person,
            version_id=version.id or 0,
            note=asked.note,
        )
        return _standing(session, row, person, request.app.state.double)

    return act(request, work)


MOST: Final = 200


@router.get("/queue")
def waiting(request: Request, session: Reader, person: Curator) -> QueueRecord:
    """List what waits for the asker, most useful first; filters are those of findings, `limit` up to 200."""
    pairs = [pair for pair in filters_of(request) if pair[0] != "limit"]
    limit = request.query_params.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= MOST):
        raise Problem(422, f"limit: a number from 1 to {MOST}.")
    entries = queue.waiting(session, person.name, query_of(pairs), limit=int(limit))
    return QueueRecord(counts=dict(queue.by_reason(session)), items=tuple(map(_waiting, entries)))


def _waiting(entry: queue.Waiting) -> Waiting:
    told = exported(entry.item)
    finding = told.finding.model_copy(update={"confidence": None})  # as on the pages: see desk.unswayed
    return Waiting(reason=entry.reason, finding=told.model_copy(update={"finding": finding}))


@router.get("/queue/batch")
def batch(session: Reader, person: Curator) -> Batch:
    """Give what is left of the asker's batch."""
    return Batch(curator=person.name, items=tuple(map(_waiting, queue.batch(session, person.name))))


@router.post("/queue/batch", status_code=201)
def take(request: Request, asked: TakeIn, person: Curator) -> Batch:
    """Take the next findings that fit the filters of the address; nobody else gets them while they are leased."""
    return _give(request, person.name, asked.size)


@router.delete("/queue/batch", status_code=204)
def give_back(request: Request, person: Curator) -> None:
    """Give the batch back."""
    act(request, lambda session: queue.give_back(session, person.name))


@router.post("/queue/assignments", status_code=201)
def assign(request: Request, asked: AssignIn, person: Adjudicator) -> Batch:
    """Give a batch to someone else who may review."""
    name = act(request, lambda session: queue.reviewer(session, asked.to))
    return _give(request, name, asked.size, more=True)


def _give(request: Request, name: str, size: int, *, more: bool = False) -> Batch:
    query: FindingQuery | None = query_of(filters_of(request))

    def work(session: Any) -> Batch:
        queue.take_batch(session, name, query, size=size, more=more)
        return Batch(curator=name, items=tuple(map(_waiting, queue.batch(session, name))))

    return act(request, work)


class CompleteIn(Record):
    """A curator's word that the version they read says nothing beside its findings."""

    article_version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    note: Words | None = None


@router.post("/articles/{pmid}/complete", status_code=204)
def complete(request: Request, pmid: str, asked: CompleteIn, person: Curator) -> None:
    """Keep the asker's word that the abstract says nothing else."""

    def work(session: Any) -> None:
        queue.complete(session, pmid, person.name, number=asked.article_version, note=asked.note)

    act(request, work)


class Saved(Record):
    """A saved queue: filters under a name."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    filters: tuple[tuple[str, str], ...]


@router.get("/queue/saved")
def saved(session: Reader, person: Curator) -> list[Saved]:
    """List the asker's saved queues."""
    return [
        Saved(name=one.name, filters=tuple((key, value) for key, value in one.filters))
        for one in queue.saved(session, person.name)
    ]


@router.put("/queue/saved/{name}", status_code=204)
def save(request: Request, name: str, person: Curator) -> None:
    """Keep the filters of the address under a name of the asker's."""
    pairs = filters_of(request)
    if not pairs or len(name) > LONGEST_NAME:
        raise Problem(422, f"Give filters in the address, and a name of at most {LONGEST_NAME} characters.")
    query_of(pairs)
    act(request, lambda session: queue.save(session, person.name, name, pairs))


@router.delete("/queue/saved/{name}", status_code=204)
def forget(request: Request, name: str, person: Curator) -> None:
    """Forget a saved queue of the asker's."""
    act(request, lambda session: queue.save(session, person.name, name, []))
