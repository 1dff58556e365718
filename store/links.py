"""Links from results to doses, as they follow what curators make of the doses: one merged away, one split."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

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


def heir(session: Session, key: str) -> str:
    """Give the finding that stands for this one: itself, unless it was merged away."""
    seen = {key}
    while (into := _into(session, key)) and into not in seen:
        seen.add(into)
        key = into
    return key


def _into(session: Session, key: str) -> str | None:
    row = session.get(FindingRow, key)
    return merged_into(history(session, key)) if row and row.status == Status.REJECTED else None


def merged_into(acts: Sequence[Decision]) -> str | None:
    """Say into which finding one of this history is merged, if its merge stands."""
    stand = [act for act in standing(acts) if act.action != Action.CONFIRM]
    if not stand or stand[-1].action != Action.MERGE:
        return None
    before, after = INTO.split("{}")
    return (stand[-1].note or "").removeprefix(before).removesuffix(after) or None


def follow(session: Session, key: str) -> None:
    """Let what is linked to a dose that was merged away be linked to the one that stays."""
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
        session.merge(FindingFlag(finding_id=row.id, code=SPLIT, origin="store", reason=WHY_SPLIT))
        row.flagged, row.updated_at = True, now()
        row.attention = row.attention or row.status != Status.REJECTED  # what does not hold needs no dose
        if row.status in (Status.ACCEPTED, Status.CORRECTED):
            write_event(session, row, Event.REOPEN, WHY_SPLIT)
    session.flush()


def settle_doubt(session: Session, key: str) -> None:
    """Take the doubt back once no dose that a result is linked to is split any more."""
    for row in _linked(session, [key]):
        doses = session.exec(select(FindingDose.dose_id).where(FindingDose.finding_id == row.id))
        if not any(_is_split(session, dose) for dose in doses.all()):
            withdraw(session, row, SPLIT, "The split of the dose was undone.")


def parts(session: Session, split: Decision) -> list[FindingRow]:
    """List what a split added to its finding and is there still."""
    made = select(Decision.finding_id).where(
        col(Decision.note) == f"Part of {split.finding_id}",
        col(Decision.action) == "add",
        col(Decision.id) > split.id,
    )
    rows = session.exec(select(FindingRow).where(col(FindingRow.id).in_(made)))
    return [row for row in rows if row.status != Status.SUPERSEDED]


def _is_split(session: Session, key: str) -> bool:
    return any(act.action == Action.SPLIT for act in standing(history(session, key)))


def _linked(session: Session, keys: Iterable[str]) -> list[FindingRow]:
    linked = select(FindingDose.finding_id).where(col(FindingDose.dose_id).in_(list(keys)))
    return list(session.exec(select(FindingRow).where(col(FindingRow.id).in_(linked))))


def _change(session: Session, finding: str, old: str | None, new: str) -> None:
    """Link a result to another dose; one that it is linked to already stays one link."""
    if old and (link := session.get(FindingDose, (finding, old))):
        session.delete(link)
    session.merge(FindingDose(finding_id=finding, dose_id=new))
    session.flush()
