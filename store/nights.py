"""Nights that ask PubMed: when the last one began, and whether the next is late."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from store.database import now
from store.tables import Run

LATE = timedelta(hours=26)
"""A night is due every day; two hours more are for a slow start and the changes of the clocks."""


def last_night(session: Session, before: int | None = None) -> Run | None:
    """Give the last night that asked PubMed, or the last before a run; one that read files only is none."""
    nights = select(Run).where(Run.command == "nightly").order_by(col(Run.id).desc())
    if before is not None:
        nights = nights.where(col(Run.id) < before)
    return next((run for run in session.exec(nights) if not run.parameters.get("sources")), None)


def is_late(began: datetime | None, at: datetime | None = None) -> bool:
    """Say whether a night should have begun since; where none ever asked PubMed, none is waited for."""
    return began is not None and (at or now()) - began > LATE


def ago(began: datetime, at: datetime | None = None) -> str:
    """Say how long ago that is: `5 hours ago`, `3 days ago`."""
    hours = int(((at or now()) - began).total_seconds() // 3600)
    number, unit = (hours, "hour") if hours < 48 else (hours // 24, "day")
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
