"""Decide on the profile of a study: what kind of study an abstract reports, beside what the machine reads.

As with findings, nothing is lost: the machine's value, each curator's and the one that holds are kept, a decision is
made on the revision that was seen, and a new reading leaves what a person decided as it is.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError
from sqlmodel import Session, col, select

from nlp.errors import TransitionError
from nlp.finding import StudyProfile
from store.articles import NotHeldError, current_version, settle
from store.curation import conditions
from store.curation.tables import StudyDecision
from store.database import now
from store.doubts import withdraw
from store.people.rights import Person, Right, check_right
from store.review import ConflictError
from store.tables import FindingFlag, FindingRow, ReadingRow, Status, StudyRow

COLUMNS: Final = ("species", "design", "blinding", "sample_size", "setting")
"""What a study's row holds; its conditions have a table of their own."""

FIELDS: Final = (*COLUMNS, "conditions")
"""What a curator decides on."""

GONE: Final = "condition_gone"
"""The flag of a study whose abstract no longer says a condition that was decided on; its first finding carries it."""


class Act(StrEnum):
    """What a curator does: the profile is right as it stands, or other; or the last of these is taken back."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    UNDO = "undo"


def profile(session: Session, row: StudyRow) -> StudyProfile:
    """Give the profile that holds."""
    return StudyProfile.model_validate(_value(session, row))


def acts_on(session: Session, pmid: str) -> list[StudyDecision]:
    """List every act on a study, the first first."""
    acts = select(StudyDecision).where(StudyDecision.pmid == pmid).order_by(col(StudyDecision.id))
    return list(session.exec(acts))


def standing(acts: Sequence[StudyDecision]) -> list[StudyDecision]:
    """Give the acts that are neither an undo nor undone."""
    undone = {act.undoes for act in acts if act.undoes is not None}
    return [act for act in acts if act.undoes is None and act.id not in undone]


def decide_study(
    session: Session,
    pmid: str,
    person: Person,
    *,
    seen: int,
    changes: Mapping[str, Any],
    note: str | None = None,
) -> StudyRow:
    """Say that a profile is right, or with `changes` what is; `seen` is the revision that the curator saw.

    Changed conditions are given as words of the abstract.

    Raises:
        ForbiddenError: the person may not review.
        NotHeldError: no study of this PMID was read.
        ConflictError: the profile has another revision by now.
        TransitionError: the changes are none that a profile can have.
    """
    check_right(person, Right.REVIEW)
    row, given = _locked(session, pmid, seen), dict(changes)
    if "conditions" in given:
        text = current_version(session, pmid).text
        given["conditions"] = conditions.named(session, pmid, text, given["conditions"])
    try:
        value = StudyProfile.model_validate(_value(session, row) | given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TransitionError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    action = Act.CORRECT if changes else Act.CONFIRM
    return _write(session, row, person, action, value.model_dump(mode="json", include=set(FIELDS)), note)


def undo_study(
    session: Session, pmid: str, person: Person, *, seen: int, note: str | None = None
) -> StudyRow:
    """Take back the last decision on a profile: one's own, or as an adjudicator anybody's.

    Raises:
        ForbiddenError: it is another's, and the person may not adjudicate.
        NotHeldError: no study of this PMID was read.
        ConflictError: the profile has another revision by now.
        TransitionError: there is no decision to take back.
    """
    row = _locked(session, pmid, seen)
    stand = standing(acts_on(session, pmid))
    if not stand:
        raise TransitionError(f"There is no decision on the study of PMID {pmid} to undo.")
    check_right(person, Right.REVIEW if stand[-1].curator == person.name else Right.ADJUDICATE)
    before = stand[-2].value if len(stand) > 1 else {}
    value = _value(session, row) | (row.machine or {}) | before
    if len(stand) > 1:  # they may have been decided on an earlier text
        value["conditions"] = conditions.placed(current_version(session, pmid).text, value["conditions"])
    return _write(session, row, person, Act.UNDO, value, note, undoes=stand[-1].id, decided=len(stand) > 1)


def keep_profile(session: Session, pmid: str, reading_id: int, read: Mapping[str, Any]) -> list[str]:
    """Keep what a reading says of a study: as the profile, or beside the one that a person decided on.

    Conditions that a person decided on go with a revised abstract as far as it still says them; gives those that it
    says no longer.
    """
    fields = {field: read[field] for field in COLUMNS}
    row = session.get(StudyRow, pmid)
    if row is None:
        session.add(StudyRow(pmid=pmid, reading_id=reading_id, **fields))
        conditions.add(session, pmid, read["conditions"])
        return []
    said, gone = _value(session, row), set(missing(session, row))
    before, after = session.get(ReadingRow, row.reading_id), session.get_one(ReadingRow, reading_id)
    row.reading_id = reading_id
    if row.machine is None:
        for field, value in fields.items():
            setattr(row, field, value)
    else:
        row.machine = dict(read)
    if not _decided_conditions(session, row):
        conditions.keep(session, pmid, read["conditions"])
    elif before is None or before.version_id != after.version_id:
        text = current_version(session, pmid).text
        conditions.keep(session, pmid, conditions.placed(text, conditions.held(session, pmid)))
    if _value(session, row) != said:
        row.revision += 1  # who decides on what it said before is told
        session.flush()
    return [words for words in missing(session, row) if words not in gone]


def missing(session: Session, row: StudyRow) -> list[str]:
    """List conditions of the decision that stands which the abstract says no longer."""
    if not _decided_conditions(session, row):
        return []
    decided = standing(acts_on(session, row.pmid))[-1].value["conditions"]
    return conditions.left_out(decided, conditions.held(session, row.pmid))


def ask_again(session: Session, pmid: str, gone: Sequence[str]) -> None:
    """Queue the first finding of a study whose decided conditions are gone: studies have no queue of their own."""
    living = select(FindingRow).where(
        FindingRow.pmid == pmid, col(FindingRow.status).not_in((Status.SUPERSEDED, Status.REJECTED))
    )
    row = session.exec(living.order_by(col(FindingRow.start), col(FindingRow.id)).limit(1)).first()
    if row is None:
        return
    names = ", ".join(gone)
    reason = f"The revised abstract no longer says {names}, decided to be what is studied: look at the study again."
    session.merge(FindingFlag(finding_id=row.id, code=GONE, origin="store", reason=reason))
    row.flagged = row.attention = True
    row.updated_at = now()
    session.flush()


def _asked_no_more(session: Session, pmid: str) -> None:
    asked = select(FindingRow).join(FindingFlag).where(FindingRow.pmid == pmid, FindingFlag.code == GONE)
    for row in session.exec(asked).all():
        withdraw(session, row, GONE, "The study was decided on again.")


def _decided_conditions(session: Session, row: StudyRow) -> bool:
    """Say whether the decision that stands speaks of conditions; the earliest do not."""
    return row.machine is not None and "conditions" in standing(acts_on(session, row.pmid))[-1].value


def _locked(session: Session, pmid: str, seen: int) -> StudyRow:
    wanted = select(StudyRow).where(StudyRow.pmid == pmid).with_for_update()
    row = session.exec(wanted.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotHeldError(f"No study of PMID {pmid[:20]} was read.")
    if row.revision != seen:
        raise ConflictError(f"The study of PMID {pmid} was changed after you opened it: look again.")
    return row


def _write(
    session: Session,
    row: StudyRow,
    person: Person,
    action: Act,
    value: dict[str, Any],
    note: str | None,
    *,
    undoes: int | None = None,
    decided: bool = True,
) -> StudyRow:
    machine = _value(session, row) | (row.machine or {})
    act = StudyDecision(
        pmid=row.pmid,
        curator=person.name,
        action=action,
        note=note or None,
        machine=machine,
        value=value,
        version_id=current_version(session, row.pmid).id or 0,
        revision=row.revision,
        undoes=undoes,
        decided_at=now(),
    )
    session.add(act)
    for field in COLUMNS:
        setattr(row, field, value[field])
    conditions.keep(session, row.pmid, value["conditions"])
    row.machine = machine if decided else None
    row.revision += 1
    session.add(row)
    session.flush()
    _asked_no_more(session, row.pmid)
    settle(session, row.pmid)
    return row


def _value(session: Session, row: StudyRow) -> dict[str, Any]:
    fields = {field: getattr(row, field) for field in COLUMNS}
    return {**fields, "conditions": conditions.held(session, row.pmid)}
