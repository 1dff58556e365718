"""Links from results to doses, as they follow what curators make of the doses: one merged away, one split."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from nlp.errors import TransitionError
from store.database import now
from store.doubts import withdraw
from store.review import history, standing, write_event
from store.tables import Decision, FindingDose, FindingFlag, FindingRow, Status
from store.transitions import Action, Event

SPLIT = "dose_split"
"""The flag of a result whose dose was split."""

WHY_SPLIT = "The dose it was linked to was split: choose which one applies."

INTO = "Merged into {}."
"""The note of a merge: which finding stands for both; what brings links back reads it."""

PART = "Part of {}"
"""The note of what a split added: of which finding it is a part."""


def heir(session: Session, key: str) -> str:
    """Give the finding that stands for this one: itself, unless it was merged away, or is a part that was taken back."""
    seen = {key}
    while (into := _into(session, key)) and into not in seen:
        seen.add(into)
        key = into
    return key


def _into(session: Session, key: str) -> str | None:
    row = session.get(FindingRow, key)
    if row is None or row.status not in (Status.REJECTED, Status.SUPERSEDED):
        return None
    acts = history(session, key)
    return merged_into(acts) if row.status == Status.REJECTED else _part_of(acts)


def merged_into(acts: Sequence[Decision]) -> str | None:
    """Say into which finding one of this history is merged, if its merge stands."""
    stand = [act for act in standing(acts) if act.action != Action.CONFIRM]
    if not stand or stand[-1].action != Action.MERGE:
        return None
    before, after = INTO.split("{}")
    return (stand[-1].note or "").removeprefix(before).removesuffix(after) or None


def _part_of(acts: Sequence[Decision]) -> str | None:
    before, _ = PART.split("{}")
    notes = [act.note or "" for act in acts if act.action == Event.ADD]
    return next((note.removeprefix(before) for note in notes if note.startswith(before)), None)


def follow(session: Session, key: str) -> None:
    """Let what is linked to a dose that was merged away, or taken back as a part, be linked to the one that stays."""
    stays = heir(session, key)
    if stays != key:
        for row in _linked(session, [key]):
            _change(session, row.id, key, stays)


def bring_back(session: Session, key: str, into: str) -> None:
    """Link to a dose again what was linked to it before it was merged into another: its value still names it."""
    stays = heir(session, into)
    for row in _linked(session, [stays]):
        meant = {heir(session, dose) for dose in (row.decided or row.record).get("doses") or ()}
        if key in meant:
            _change(session, row.id, None if stays in meant else stays, key)


def doubt(session: Session, key: str) -> None:
    """Ask of what is linked to a dose that was split which part applies."""
    for row in _linked(session, [key]):
        _doubt(session, row)
        if row.status in (Status.ACCEPTED, Status.CORRECTED):
            write_event(session, row, Event.REOPEN, WHY_SPLIT)
    session.flush()


def doubt_anew(session: Session, row: FindingRow) -> None:
    """Ask it of a result that a reading links to a split dose, or whose choice was undone."""
    split = max((act.id or 0 for dose in _doses(session, row) for act in _splits(session, dose)), default=0)
    decided = max((act.id or 0 for act in standing(history(session, row.id))), default=0)
    if split > decided:
        _doubt(session, row)
        session.flush()


def _doubt(session: Session, row: FindingRow) -> None:
    session.merge(FindingFlag(finding_id=row.id, code=SPLIT, origin="store", reason=WHY_SPLIT))
    row.flagged, row.updated_at = True, now()
    row.attention = row.attention or row.status != Status.REJECTED  # what does not hold needs no dose


def settle_doubt(session: Session, key: str) -> None:
    """Take the doubt back once no dose that a result is linked to is split any more."""
    for row in _linked(session, [key]):
        if not any(_splits(session, dose) for dose in _doses(session, row)):
            withdraw(session, row, SPLIT, "The split of the dose was undone.")


def choices(session: Session, pmid: str) -> list[FindingRow]:
    """List the doses of an article that a result can belong to, in the order of its text."""
    doses = session.scalars(_CHOICES, {"pmid": pmid}).all()
    return [dose for dose in doses if dose.status not in (Status.REJECTED, Status.SUPERSEDED)]


_CHOICES = (
    select(FindingRow)
    .where(col(FindingRow.pmid) == bindparam("pmid"), col(FindingRow.type) == "dose")
    .order_by(col(FindingRow.start), col(FindingRow.id))
)


def check_choice(session: Session, row: FindingRow, doses: Collection[str]) -> None:
    """Refuse doses that a result cannot belong to.

    Raises:
        TransitionError: one is no living dose of the article; the message names those that are.
    """
    known = {dose.id: dose.anchor for dose in choices(session, row.pmid)}
    wrong = sorted(set(doses) - known.keys())
    if wrong:
        told = ", ".join(f"{key} ({words})" for key, words in known.items()) or "none"
        raise TransitionError(
            f"{wrong[0][:60]} is no dose of this abstract that stands: choose among {told}."
        )


def chosen(session: Session, row: FindingRow, doses: Collection[str]) -> dict[str, Any]:
    """Give what a choice of doses changes in a result's value: nothing where it is linked to these already."""
    if set(doses) == set(_doses(session, row)):
        return {}
    order = {dose.id: number for number, dose in enumerate(choices(session, row.pmid))}
    named = tuple(sorted(doses, key=lambda dose: order.get(dose, len(order))))
    return {"doses": named} | ({"unlinked": None} if named else {})


def follow_choice(session: Session, row: FindingRow, before: Sequence[str], *, undone: bool) -> None:
    """Let a result be linked to the doses that its value names after an act on it, and ask no more which of a split one.

    `before` are those that it named before the act; of one that is undone it is asked again.
    """
    named = (row.decided or row.record).get("doses") or ()
    if list(named) != list(before):
        session.execute(delete(FindingDose).where(col(FindingDose.finding_id) == row.id))
        stand = dict.fromkeys(heir(session, dose) for dose in named)
        session.add_all(FindingDose(finding_id=row.id, dose_id=dose) for dose in stand)
        session.flush()
    if undone:
        doubt_anew(session, row)
    elif row.flagged and row.status in (Status.ACCEPTED, Status.CORRECTED):
        withdraw(session, row, SPLIT, "It was decided with the parts of the dose in view.")


def parts(session: Session, split: Decision) -> list[FindingRow]:
    """List what a split added to its finding and is there still."""
    made = select(Decision.finding_id).where(
        col(Decision.note) == PART.format(split.finding_id),
        col(Decision.action) == "add",
        col(Decision.id) > split.id,
    )
    rows = session.exec(select(FindingRow).where(col(FindingRow.id).in_(made)))
    return [row for row in rows if row.status != Status.SUPERSEDED]


def _splits(session: Session, key: str) -> list[Decision]:
    return [act for act in standing(history(session, key)) if act.action == Action.SPLIT]


def _doses(session: Session, row: FindingRow) -> list[str]:
    return list(session.exec(select(FindingDose.dose_id).where(FindingDose.finding_id == row.id)))


def _linked(session: Session, keys: Iterable[str]) -> list[FindingRow]:
    linked = select(FindingDose.finding_id).where(col(FindingDose.dose_id).in_(list(keys)))
    return list(session.exec(select(FindingRow).where(col(FindingRow.id).in_(linked))))


def _change(session: Session, finding: str, old: str | None, new: str) -> None:
    """Link a result to another dose; one that it is linked to already stays one link."""
    if old and (link := session.get(FindingDose, (finding, old))):
        session.delete(link)
    session.merge(FindingDose(finding_id=finding, dose_id=new))
    session.flush()
