"""Deciding on the profile of a study: the form on the page of its article, and the same as JSON under /api/v1/studies."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from pydantic import Field
from sqlmodel import Session
from starlette.responses import Response

from nlp.article import Record
from nlp.finding import StudyProfile
from store.articles import NotHeldError
from store.curation.drafts import forget_draft
from store.curation.studies import acts_on, decide_study, missing, profile, standing, undo_study
from store.curation.tables import StudyDecision
from store.export import StudyValue, study_value
from store.people.rights import Person, Right, lacks
from store.tables import StudyRow
from store.web.access import Curator, Form
from store.web.acting import act
from store.web.desk import Kept, kept
from store.web.form import STUDY, Input, changes, inputs
from store.web.openapi import WRITE_PROBLEMS
from store.web.posted import LONGEST_NOTE, revision_of
from store.web.present import DONE
from store.web.words import name, say_of

router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1", tags=["desk"], responses=WRITE_PROBLEMS)


class Panel(NamedTuple):
    """What a curator can do with the profile of a study."""

    seen: int
    inputs: list[Input]
    undoable: bool
    draft: Kept
    missing: list[str]


class Said(NamedTuple):
    """One act on a profile in words."""

    what: str
    curator: str
    iso: str
    when: str
    note: str
    changes: tuple[str, ...]


def panel(session: Session, row: StudyRow | None, person: Person | None) -> Panel | None:
    """Give the form of a profile to who may decide on it."""
    if row is None or person is None or lacks(person, Right.REVIEW):
        return None
    stand = standing(acts_on(session, row.pmid))
    own = bool(stand) and stand[-1].curator == person.name
    undoable = bool(stand) and (own or lacks(person, Right.ADJUDICATE) is None)
    (draft,) = kept(session, person, draft_of(row.pmid, row.revision))
    return Panel(row.revision, inputs(profile(session, row)), undoable, draft, missing(session, row))


def draft_of(pmid: str, seen: int) -> str:
    """Name the form of a profile, for what is typed into it."""
    return f"study-{pmid}-{seen}"


def history(session: Session, pmid: str) -> list[Said]:
    """Say the acts on a profile, the last first."""
    return [_said(act) for act in reversed(acts_on(session, pmid))]


def _said(act: StudyDecision) -> Said:
    at = act.decided_at
    differing = tuple(
        f"{name(field)}: {say_of(act.value, field)} instead of {say_of(act.machine, field)}"
        for field in STUDY
        if say_of(act.value, field) != say_of(act.machine, field)
    )
    when = f"{at:%-d %b %Y, %H:%M} UTC"
    return Said(DONE[act.action], act.curator, at.isoformat(), when, act.note or "", differing)


@router.post("/articles/{pmid}/study")
def take(request: Request, pmid: str, form: Form, person: Curator) -> Response:
    """Keep what a curator says of a study, and show its article again."""

    def work(session: Session) -> None:
        row, seen = _held(session, pmid), revision_of(form)
        note = form.get("note", "").strip()[:LONGEST_NOTE]
        edits = changes(profile(session, row), form)
        decide_study(session, pmid, person, seen=seen, changes=edits, note=note)
        forget_draft(session, person.name, draft_of(pmid, seen))

    act(request, work)
    return RedirectResponse(f"/articles/{pmid}#study", status_code=303)


@router.post("/articles/{pmid}/study/undo")
def take_back(request: Request, pmid: str, form: Form, person: Curator) -> Response:
    """Take the last decision on a study back."""
    act(request, lambda session: undo_study(session, pmid, person, seen=revision_of(form)))
    return RedirectResponse(f"/articles/{pmid}#study", status_code=303)


def _held(session: Session, pmid: str) -> StudyRow:
    row = session.get(StudyRow, pmid)
    if row is None:
        raise NotHeldError(f"No study of PMID {pmid[:20]} was read.")
    return row


Revision = Annotated[int, Field(ge=0, le=2**31 - 1, description="The study's `revision` that was read.")]


Change = str | int | tuple[str, ...] | None
"""What a field of a study is changed to; conditions are a list of words of the abstract."""


class StudyDecisionIn(Record):
    """What a curator says of a study; without changes, that the profile is right. `undo` takes the last back."""

    seen: Revision
    changes: Annotated[dict[str, Change], Field(max_length=len(STUDY))] = Field(default_factory=dict)
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None
    undo: bool = False


class StudyActRecord(Record):
    """One act on a study."""

    curator: str
    action: str
    note: str | None
    value: dict[str, Any]
    decided_at: datetime


class StudyStanding(Record):
    """A study as it stands, what the machine reads where a person decided, and every act on it."""

    pmid: str
    revision: int
    study: StudyValue
    machine: StudyValue | None
    decisions: tuple[StudyActRecord, ...]


@api.post("/studies/{pmid}/decisions")
def decide(request: Request, pmid: str, asked: StudyDecisionIn, person: Curator) -> StudyStanding:
    """Confirm or correct the profile of a study, or take the last decision on it back."""

    def work(session: Session) -> StudyStanding:
        if asked.undo:
            row = undo_study(session, pmid, person, seen=asked.seen, note=asked.note)
        else:
            given = _read(profile(session, _held(session, pmid)), asked.changes)
            row = decide_study(session, pmid, person, seen=asked.seen, changes=given, note=asked.note)
        return _standing(session, row)

    return act(request, work)


def _read(held: StudyProfile, given: dict[str, Change]) -> dict[str, object]:
    """Read changes as the form of the page is read."""
    if unknown := sorted(set(given) - set(STUDY)):
        raise ValueError(f"{unknown[0][:40]!r} is no field to correct: {', '.join(STUDY)}.")
    drawn = {field.field: field.value for field in inputs(held)}
    return changes(held, drawn | {field: _written(to) for field, to in given.items()})


def _written(to: Change) -> str:
    if isinstance(to, tuple):
        return "\n".join(" ".join(words.split()) for words in to)
    return "" if to is None else str(to)


def _standing(session: Session, row: StudyRow) -> StudyStanding:
    fields = ("curator", "action", "note", "value", "decided_at")
    return StudyStanding(
        pmid=row.pmid,
        revision=row.revision,
        study=study_value(profile(session, row).model_dump(mode="json")),
        machine=study_value(row.machine) if row.machine else None,
        decisions=tuple(
            StudyActRecord(**{field: getattr(act, field) for field in fields})
            for act in acts_on(session, row.pmid)
        ),
    )
