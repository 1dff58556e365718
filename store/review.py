"""Decide on findings: what may be done in which status is a table, and every act is kept.

The machine's value, each curator's value and the value that counts are all kept. A decision is made on
the revision that the curator saw: when someone else decided meanwhile, the second is told, and nothing is
overwritten.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam
from sqlalchemy.orm import defer
from sqlmodel import Session, col, delete, select

from nlp.errors import TransitionError
from nlp.finding import Finding
from store.columns import columns
from store.curation.double import NOBODY, Shares, drawn
from store.curation.tables import Lease
from store.database import now
from store.people.rights import ForbiddenError, Person, why_not
from store.tables import Decision, FindingRow, Status
from store.terms import in_shared_terms
from store.transitions import EVENTS, MACHINE, OPINIONS, PAST, READINGS, REASONS, TRANSITIONS, Action, Event


class ConflictError(TransitionError):
    """The finding changed after the curator saw it: someone else decided, or a new reading came."""


_FINDING: TypeAdapter[Finding] = TypeAdapter(Finding)


class Options(NamedTuple):
    """What a person may do with a finding now, and if that is nothing, why; `double`: two decide it blindly."""

    actions: tuple[Action, ...]
    why_none: str | None
    double: bool


def options(
    finding: FindingRow, acts: Sequence[Decision], person: Person | None, double: Shares = NOBODY
) -> Options:
    """Say what a person may do with a finding of this history; who gave one of two opinions may only take it back."""
    actions = _actions(finding, acts, person, double)
    return Options(
        actions, None if actions else _why_none(finding, acts, person), _double(finding, double, acts)
    )


def allowed(
    session: Session, finding: FindingRow, person: Person | None, double: Shares = NOBODY
) -> tuple[Action, ...]:
    """List what a person may do with a finding now."""
    return options(finding, history(session, finding.id), person, double).actions


def _double(finding: FindingRow, shares: Shares, acts: Sequence[Decision]) -> bool:
    """Say whether a decision on this finding is one of two opinions; a pair that was begun is finished."""
    if finding.status != Status.PENDING:
        return False
    return drawn(finding.id, shares.get(finding.type, 0.0)) or bool(blind_opinions(acts))


def _actions(
    finding: FindingRow, acts: Sequence[Decision], person: Person | None, double: Shares
) -> tuple[Action, ...]:
    status = Status(finding.status)
    if person and any(opinion.curator == person.name for opinion in blind_opinions(acts)):
        if status is Status.PENDING:
            return (Action.UNDO,) if why_not(person, Action.UNDO, status, own=True) is None else ()
        if status is Status.NEEDS_ADJUDICATION:
            return ()
    actions = tuple(OPINIONS if _double(finding, double, acts) else TRANSITIONS[status])
    if _undoable(finding, acts):
        actions = (*actions, Action.UNDO)
    made = _made(acts)
    return tuple(
        act for act in actions if why_not(person, act, status, own=_own(made, finding, act, person)) is None
    )


def _why_none(finding: FindingRow, acts: Sequence[Decision], person: Person | None) -> str | None:
    if finding.status == Status.SUPERSEDED:
        return "A finding that the newest reading no longer makes cannot be decided."
    act = Action.REJECT
    return why_not(person, act, Status(finding.status), own=_own(_made(acts), finding, act, person))


def _made(acts: Sequence[Decision]) -> list[Decision]:
    """Give those acts of a history that are people's and stand, opinions that wait for another first."""
    return [*blind_opinions(acts), *standing(acts)]


def _own(stand: list[Decision], finding: FindingRow, act: Action, person: Person | None) -> bool:
    """Say whether the decision to undo, or one of those that wait for an adjudicator, is the person's own."""
    if act is Action.UNDO and finding.status == Status.PENDING:
        stand = [made for made in stand if person and made.curator == person.name]
    if act is Action.UNDO and not stand:
        return True  # there is nothing of anybody else's to undo
    concerned = stand[-1:] if act is Action.UNDO else stand
    return person is not None and person.name in {made.curator for made in concerned}


def _undoable(finding: FindingRow, acts: Sequence[Decision]) -> bool:
    last = standing(acts)[-1:]
    return finding.status != Status.SUPERSEDED and bool(last) and last[0].action not in _SETTLED


_SETTLED = (Event.AGREE, Event.DISAGREE)


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
    double: Shares = NOBODY,
) -> FindingRow:
    """Do one act of review and write it into the history, in the caller's transaction.

    `seen` is the revision that the curator saw; `changes` are fields of the exchange format, to correct. `double`
    is the share of each type that two curators decide blindly: an act on such a finding is the first or second of
    two opinions, where they agree it is decided, where not it needs an adjudicator who is neither.

    Raises:
        ForbiddenError: the person's role, token or part in it does not allow the act.
        ConflictError: the finding has another revision by now.
        TransitionError: there is no such finding, its status does not allow the act, or the act lacks its
            reason or its changes; or the curator is one of the two who disagree.
    """
    row = _locked(session, finding_id)
    act, acts = Action(action), history(session, finding_id)
    _check_person(row, acts, act, person, seen)
    session.execute(_NO_LEASE, {"id": row.id})  # the next may have it at once
    doses = (row.decided or row.record).get("doses") or ()
    if act is Action.UNDO:
        return _relink(session, _undo(session, row, acts, person.name, note), acts, doses, undone=True)
    blind = _double(row, double, acts)
    target = _target(row, act, reason, blind=blind)
    if changes and changes.get("doses"):
        from store.links import check_choice  # it reads histories, which are kept here

        check_choice(session, row, changes["doses"])
    value = _value(row, act, changes)
    said = {"reason": reason if act in (Action.REJECT, Action.MERGE) else None, "note": note or None}
    decision = act_on(row, person.name, act, target, value, blind=blind, **said)
    if blind:
        return _relink(session, _opine(session, row, decision, blind_opinions(acts)), acts, doses)
    return _relink(session, change(session, row, decision), acts, doses)


def _relink(
    session: Session,
    row: FindingRow,
    before: Sequence[Decision],
    doses: Sequence[str],
    *,
    undone: bool = False,
) -> FindingRow:
    """Let links follow: of a result to the doses that were chosen, of a dose where its merge or split stands no more."""
    from store.links import bring_back, follow, follow_choice, merged_into, settle_doubt  # as above

    if row.type != "dose":
        follow_choice(session, row, doses, undone=undone)
        return row

    if row.status == Status.SUPERSEDED:
        follow(session, row.id)
    was = merged_into(before)
    if was and not merged_into(history(session, row.id)):
        bring_back(session, row.id, was)
    if any(act.action == Action.SPLIT for act in standing(before)):
        settle_doubt(session, row.id)
    return row


_NO_LEASE = (
    delete(Lease).where(col(Lease.finding_id) == bindparam("id")).execution_options(synchronize_session=False)
)


def _check_person(row: FindingRow, acts: Sequence[Decision], act: Action, person: Person, seen: int) -> None:
    """Refuse what the person may not do, and what they decide on a revision that is gone."""
    own = _own(_made(acts), row, act, person)
    if refusal := why_not(person, act, Status(row.status), own=own):
        raise ForbiddenError(refusal)
    if row.revision != seen:
        raise ConflictError(f"Finding {row.id} was changed after you opened it: {_last_word(row, acts)}.")


def _target(row: FindingRow, act: Action, reason: str | None, *, blind: bool) -> Status:
    """Give the status that an act leads to; refuse what the finding's status, or the act itself, does not allow."""
    target = TRANSITIONS[Status(row.status)].get(act)
    if target is None:
        raise TransitionError(f"A finding that is {row.status} cannot be {PAST[act]}; undo that first.")
    if act is Action.REJECT and reason not in REASONS:
        raise TransitionError(f"To reject, give one of these reasons: {', '.join(REASONS)}.")
    if blind and act not in OPINIONS:
        raise TransitionError(
            f"Two curators decide this finding, neither seeing the other: it cannot be {PAST[act]} before they have."
        )
    return target


def _opine(session: Session, row: FindingRow, decision: Decision, before: list[Decision]) -> FindingRow:
    """Keep one of two opinions; with the second, settle the finding or send it to an adjudicator."""
    if decision.curator in {opinion.curator for opinion in before}:
        raise TransitionError("You have decided on this finding; undo that first.")
    session.add(decision)
    session.flush()
    if not before:
        return row
    agree = same_opinion(before[0], decision)
    event, target = (
        (Event.AGREE, Status(decision.to_status)) if agree else (Event.DISAGREE, Status.NEEDS_ADJUDICATION)
    )
    return change(session, row, act_on(row, MACHINE, event, target, decision.value if agree else None))


def same_opinion(one: Decision, other: Decision) -> bool:
    """Say whether two curators decided the same: the same status, and the same fields unless both reject."""
    if one.to_status != other.to_status:
        return False
    return one.to_status == Status.REJECTED or one.value == other.value


def blind_opinions(acts: Sequence[Decision]) -> list[Decision]:
    """Give those acts of a finding's history that are blind opinions and stand."""
    undone = {act.undoes for act in acts if act.undoes is not None}
    return [act for act in acts if act.blind and act.undoes is None and act.id not in undone]


def act_on(
    row: FindingRow,
    curator: str,
    action: Action | Event,
    target: Status,
    value: dict[str, Any] | None,
    **more: Any,
) -> Decision:
    """Make an act on a finding as it stands; it is not written yet."""
    return Decision(
        finding_id=row.id,
        curator=curator,
        action=action,
        from_status=row.status,
        to_status=target,
        machine=row.record,
        value=value,
        version_id=row.version_id,
        revision=row.revision,
        decided_at=now(),
        **more,
    )


def write_event(session: Session, row: FindingRow, event: Event, note: str) -> None:
    """Write into a finding's history what the machine did to it; its status stays."""
    session.add(act_on(row, MACHINE, event, Status(row.status), row.decided, note=note))
    session.flush()


def move(session: Session, row: FindingRow, event: Event, note: str) -> None:
    """Bring a finding that nobody decided to the one status that an event of a reading leads to."""
    ((_, target),) = EVENTS[event]
    change(session, row, act_on(row, MACHINE, event, target, None, note=note))


NEWEST = 20
"""So many acts on a finding are read whole at once; a longer history is of a finding that many contend for."""


def history(session: Session, finding_id: str, *, whole: bool = False) -> list[Decision]:
    """List every act of review on a finding, the first first.

    Of more than NEWEST the values of the earlier ones are read when they are asked for, or with `whole` at once.
    """
    if whole:
        return list(session.scalars(_ACTS, {"id": finding_id}))
    acts = list(session.scalars(_LAST_ACTS, {"id": finding_id}))[::-1]
    if len(acts) < NEWEST:
        return acts
    return [*session.scalars(_EARLIER_ACTS, {"id": finding_id, "before": acts[0].id}), *acts]


_ACTS = select(Decision).where(col(Decision.finding_id) == bindparam("id")).order_by(col(Decision.id))
_LAST_ACTS = _ACTS.order_by(None).order_by(col(Decision.id).desc()).limit(NEWEST)
_EARLIER_ACTS = _ACTS.where(col(Decision.id) < bindparam("before")).options(
    *(defer(getattr(Decision, name)) for name in ("machine", "value"))
)


def standing(acts: Sequence[Decision]) -> list[Decision]:
    """Give those acts of a history that stand: neither an undo nor undone, no opinion of two, no note of the machine's."""
    undone = {act.undoes for act in acts if act.undoes is not None}
    return [
        act
        for act in acts
        if act.undoes is None and act.id not in undone and not act.blind and act.action not in READINGS
    ]


def _locked(session: Session, finding_id: str) -> FindingRow:
    # SQLite's writers stand in line already; PostgreSQL's wait at the row, and what was read of it before is old by then
    row = session.scalars(_TO_CHANGE, {"id": finding_id}).first()
    if row is None:
        raise TransitionError(f"There is no finding {finding_id}.")
    return row


_TO_CHANGE = (
    select(FindingRow)
    .where(col(FindingRow.id) == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def _last_word(row: FindingRow, acts: Sequence[Decision]) -> str:
    shown = [act for act in acts if not act.blind]
    if not shown:
        return "a new reading of the abstract came in"
    act = shown[-1]
    done = PAST[act.action]
    return f"{act.curator} {done} it at {act.decided_at:%H:%M} UTC, and it is now {row.status}"


def _value(row: FindingRow, act: Action, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the value that the act is about, in the exchange format."""
    value = dict(row.decided or row.record)
    if act not in (Action.CORRECT, Action.SPLIT):
        return value
    if not changes:
        raise TransitionError("A correction has to change something; to agree with the finding, accept it.")
    try:
        corrected = in_shared_terms(_FINDING.validate_python({**value, **changes}), changes.keys())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TransitionError(f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}.") from None
    return corrected.model_dump(mode="json")


PLACES = ("anchor", "anchor_text", "evidence", "evidence_text", "section", "spans")
"""The parts of a value that point into the text."""


def _undo(
    session: Session, row: FindingRow, acts: Sequence[Decision], curator: str, note: str | None
) -> FindingRow:
    undoing = partial(act_on, row, curator, Action.UNDO, note=note or None)
    mine = [opinion for opinion in blind_opinions(acts) if opinion.curator == curator]
    if mine and row.status == Status.PENDING:
        session.add(undoing(Status.PENDING, None, undoes=mine[-1].id, blind=True))
        session.flush()
        return row
    stand = standing(acts)
    if not stand or row.status == Status.SUPERSEDED:
        raise TransitionError(f"There is no decision on finding {row.id} to undo.")
    undone = stand[-1]
    if undone.action in _SETTLED:
        raise TransitionError("Two curators decided this: correct or reject it instead.")
    value = stand[-2].value if len(stand) > 1 else None
    if value and stand[-2].version_id != row.version_id:
        value = value | {place: row.record[place] for place in PLACES}
    target = Status(undone.from_status)
    if undone.action == Action.SPLIT:
        _take_back_parts(session, undone, curator)
    return change(session, row, undoing(target, value, undoes=undone.id))


def _take_back_parts(session: Session, split: Decision, curator: str) -> None:
    """Take back what a split added; refuse where somebody decided on a part since."""
    from store.links import follow, parts  # as above

    for part in parts(session, split):
        first, *since = standing(history(session, part.id))
        if since:
            raise TransitionError(
                f"A part of it, {part.id}, was decided on since the split: undo that first."
            )
        change(session, part, act_on(part, curator, Action.UNDO, Status.SUPERSEDED, None, undoes=first.id))
        follow(session, part.id)


def change(session: Session, row: FindingRow, act: Decision) -> FindingRow:
    """Bring a finding to the status and value of an act, and write the act into its history: no status changes but here."""
    session.add(act)
    row.status, row.decided = act.to_status, act.value
    for name, entry in columns(act.value or row.record).items():
        # most stay, and each that is set is looked at again when it is written
        if getattr(row, name) != entry:
            setattr(row, name, entry)
    if act.action not in READINGS:
        row.attention = act.undoes is not None and act.to_status not in (Status.PENDING, Status.SUPERSEDED)
    row.revision += 1
    row.updated_at = act.decided_at
    session.add(row)
    session.flush()
    return row
