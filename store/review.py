"""Decide on findings: what may be done in which status is a table, and every act is kept.

The machine's value, each curator's value and the value that counts are all kept. A decision is made on
the revision that the curator saw: when someone else decided meanwhile, the second is told, and nothing is
overwritten.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from nlp.errors import TransitionError
from nlp.finding import Finding
from store.columns import columns
from store.database import now
from store.people.rights import ForbiddenError, Person, why_not
from store.tables import Decision, FindingRow, Status


class Action(StrEnum):
    """What a curator can do; `confirm` says that an earlier decision still stands."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"
    CONFIRM = "confirm"
    UNDO = "undo"


class ConflictError(TransitionError):
    """The finding changed after the curator saw it: someone else decided, or a new reading came."""


TRANSITIONS: dict[Status, dict[Action, Status]] = {
    Status.PENDING: {
        Action.ACCEPT: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
    },
    Status.ACCEPTED: {
        Action.CONFIRM: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
    },
    Status.CORRECTED: {
        Action.CONFIRM: Status.CORRECTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
    },
    Status.REJECTED: {
        Action.CONFIRM: Status.REJECTED,
        Action.ACCEPT: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
    },
    Status.NEEDS_ADJUDICATION: {
        Action.ACCEPT: Status.ACCEPTED,
        Action.CORRECT: Status.CORRECTED,
        Action.REJECT: Status.REJECTED,
    },
    Status.SUPERSEDED: {},
}
"""Status → what may be done → the status afterwards. Undo goes back to where the undone act came from."""

REASONS = {
    "not_said": "The sentence does not say this",
    "wrong_drug": "It is about another drug",
    "not_a_result": "It is an aim, a method or a plan, not a result",
    "background": "It is background, not this study's result",
    "wrong_words": "The marked words are the wrong ones",
    "wrong_type": "It is another kind of finding",
    "duplicate": "It repeats another finding",
    "other": "Another reason, in the note",
}
"""Why a finding can be rejected: code → words."""

DERIVED = {
    "drug": ("drug_concept",),
    "unit": ("ucum",),
    "infusion": ("infusion_minutes",),
    "timepoint": ("timepoint_hours",),
}
"""What was computed from a field, and is no longer known when a curator changes that field."""

_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)


def allowed(session: Session, finding: FindingRow, person: Person | None) -> tuple[Action, ...]:
    """List what a person may do with a finding now."""
    status = Status(finding.status)
    actions = tuple(TRANSITIONS[status])
    if status != Status.SUPERSEDED and last_decision(session, finding.id) is not None:
        actions = (*actions, Action.UNDO)
    return tuple(
        act
        for act in actions
        if why_not(person, act, status, own=_own(session, finding, act, person)) is None
    )


def why_none(session: Session, finding: FindingRow, person: Person | None) -> str | None:
    """Say why a person may do nothing with a finding now, or None when they may do something."""
    if finding.status == Status.SUPERSEDED:
        return "A finding that the newest reading no longer makes cannot be decided."
    if allowed(session, finding, person):
        return None
    status, act = Status(finding.status), Action.REJECT
    return why_not(person, act, status, own=_own(session, finding, act, person))


def _own(session: Session, finding: FindingRow, act: Action, person: Person | None) -> bool:
    """Say whether the decision to undo, or one of those that wait for an adjudicator, is the person's own."""
    standing = _standing(session, finding.id)
    if act is Action.UNDO and not standing:
        return True  # there is nothing of anybody else's to undo
    concerned = standing[-1:] if act is Action.UNDO else standing
    return person is not None and person.name in {made.curator for made in concerned}


def decide(
    session: Session,
    finding_id: str,
    action: Action | str,
    person: Person,
    *,
    seen: int,
    reason: str | None = None,
    note: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> FindingRow:
    """Do one act of review and write it into the history, in the caller's transaction.

    `seen` is the revision that the curator saw; `changes` are fields of the exchange format, to correct.

    Raises:
        ForbiddenError: the person's role, token or part in it does not allow the act.
        ConflictError: the finding has another revision by now.
        TransitionError: there is no such finding, its status does not allow the act, or the act lacks its
            reason or its changes.
    """
    row = _locked(session, finding_id)
    act = Action(action)
    if refusal := why_not(person, act, Status(row.status), own=_own(session, row, act, person)):
        raise ForbiddenError(refusal)
    if row.revision != seen:
        raise ConflictError(
            f"Finding {finding_id} was changed after you opened it: {_last_word(session, row)}."
        )
    if act is Action.UNDO:
        return _undo(session, row, person.name, note)
    target = TRANSITIONS[Status(row.status)].get(act)
    if target is None:
        raise TransitionError(f"A finding that is {row.status} cannot be {_PAST[act]}; undo that first.")
    if act is Action.REJECT and reason not in REASONS:
        raise TransitionError(f"To reject, give one of these reasons: {', '.join(REASONS)}.")
    value = _value(row, act, changes)
    decision = Decision(
        finding_id=row.id,
        curator=person.name,
        action=act,
        from_status=row.status,
        to_status=target,
        reason=reason if act is Action.REJECT else None,
        note=note or None,
        machine=row.record,
        value=value,
        version_id=row.version_id,
        revision=row.revision,
        decided_at=now(),
    )
    return _apply(session, row, decision, target, value)


_PAST = {
    Action.ACCEPT: "accepted",
    Action.CORRECT: "corrected",
    Action.REJECT: "rejected",
    Action.CONFIRM: "confirmed",
    Action.UNDO: "undone",
}


def history(session: Session, finding_id: str) -> list[Decision]:
    """List every act of review on a finding, the first first."""
    acts = select(Decision).where(Decision.finding_id == finding_id).order_by(col(Decision.id))
    return list(session.exec(acts))


def last_decision(session: Session, finding_id: str) -> Decision | None:
    """Give the last act that stands: neither an undo nor undone."""
    standing = _standing(session, finding_id)
    return standing[-1] if standing else None


def _standing(session: Session, finding_id: str) -> list[Decision]:
    acts = history(session, finding_id)
    undone = {act.undoes for act in acts if act.undoes is not None}
    return [act for act in acts if act.undoes is None and act.id not in undone]


def _locked(session: Session, finding_id: str) -> FindingRow:
    # SQLite's writers stand in line already; PostgreSQL's wait at the row
    row = session.exec(select(FindingRow).where(FindingRow.id == finding_id).with_for_update()).first()
    if row is None:
        raise TransitionError(f"There is no finding {finding_id}.")
    return row


def _last_word(session: Session, row: FindingRow) -> str:
    acts = history(session, row.id)
    if not acts:
        return "a new reading of the abstract came in"
    act = acts[-1]
    done = _PAST[Action(act.action)]
    return f"{act.curator} {done} it at {act.decided_at:%H:%M} UTC, and it is now {row.status}"


def _value(row: FindingRow, act: Action, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the value that the act is about, in the exchange format."""
    value = dict(row.decided or row.record)
    if act is not Action.CORRECT:
        return value
    if not changes:
        raise TransitionError("A correction has to change something; to agree with the finding, accept it.")
    stale = {derived: None for field in changes for derived in DERIVED.get(field, ())}
    known = {field: entry for field, entry in stale.items() if field in value and field not in changes}
    try:
        corrected = _FINDING.validate_python({**value, **known, **changes})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TransitionError(f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}.") from None
    return corrected.model_dump(mode="json")


def _undo(session: Session, row: FindingRow, curator: str, note: str | None) -> FindingRow:
    standing = _standing(session, row.id)
    if not standing or row.status == Status.SUPERSEDED:
        raise TransitionError(f"There is no decision on finding {row.id} to undo.")
    undone = standing[-1]
    value = standing[-2].value if len(standing) > 1 else None
    target = Status(undone.from_status)
    decision = Decision(
        finding_id=row.id,
        curator=curator,
        action=Action.UNDO,
        from_status=row.status,
        to_status=target,
        note=note or None,
        machine=row.record,
        value=value,
        version_id=row.version_id,
        revision=row.revision,
        undoes=undone.id,
        decided_at=now(),
    )
    return _apply(session, row, decision, target, value)


def _apply(
    session: Session, row: FindingRow, decision: Decision, target: Status, value: dict[str, Any] | None
) -> FindingRow:
    session.add(decision)
    row.status, row.decided = target, value
    places = ("start", "end", "quote_start", "quote_end", "anchor", "quote", "section")
    shown = columns(value or row.record)
    shown |= {place: columns(row.record)[place] for place in places}
    for name, entry in shown.items():
        setattr(row, name, entry)
    row.attention = decision.undoes is not None and target != Status.PENDING
    row.revision += 1
    row.updated_at = decision.decided_at
    session.add(row)
    session.flush()
    return row
