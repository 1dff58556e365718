"""Take back a doubt that the store raised about a finding, once its cause is gone."""

from sqlmodel import Session, select

from store.database import now
from store.review import history, write_event
from store.tables import FindingFlag, FindingRow, Status
from store.transitions import MACHINE, Event


def withdraw(session: Session, row: FindingRow, code: str, why: str) -> None:
    """Take back a flag of the store's, with a line in the history of who decided; what else asks for a person still does."""
    flag = session.get(FindingFlag, (row.id, code, "store"))
    if flag is None:
        return
    session.delete(flag)
    session.flush()
    left = [flag.origin for flag in session.exec(select(FindingFlag).where(FindingFlag.finding_id == row.id))]
    acts = [act for act in history(session, row.id) if act.curator != MACHINE]
    row.flagged = bool(left)
    row.attention = row.attention and ("store" in left or bool(acts and acts[-1].undoes))
    row.updated_at = now()
    if row.status in (Status.ACCEPTED, Status.CORRECTED):
        write_event(session, row, Event.CARRY_OVER, why)
