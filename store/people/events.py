"""Write down what happens at the door, and count from it who has tried too often."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from store.database import now
from store.people.tables import LoginEvent

WINDOW: Final = timedelta(minutes=15)
MOST_BY_NAME: Final = 5
MOST_BY_ADDRESS: Final = 20
"""Attempts in the window after which a name, or the address that tries many names, has to wait."""


class Event(StrEnum):
    """What is written down. The values are stored: rename by migration."""

    ATTEMPT = "attempt"
    LOGGED_IN = "logged in"
    LOCKED = "locked out"
    REFUSED = "refused"
    LOGGED_OUT = "logged out"
    ADDED = "added"
    ROLE = "role changed"
    DISABLED = "disabled"
    ENABLED = "enabled"
    PASSWORD = "password changed"  # noqa: S105 - no password
    RESET = "password reset"
    TOKEN = "token made"  # noqa: S105 - no token
    REVOKED = "token revoked"
    LINKED = "known elsewhere"


FORGIVES: Final = (Event.LOGGED_IN, Event.RESET)
"""After one of these, a name's earlier attempts count no more."""


def note(
    session: Session, event: Event, key: str, *, address: str | None = None, detail: str | None = None
) -> None:
    """Write an event down."""
    session.add(LoginEvent(at=now(), event=event, key=key, address=address, detail=detail))


def events(session: Session, limit: int = 200) -> Sequence[LoginEvent]:
    """List what happened, the last first."""
    return session.exec(select(LoginEvent).order_by(col(LoginEvent.id).desc()).limit(limit)).all()


def knock(session: Session, key: str, address: str | None) -> timedelta | None:
    """Write an attempt down before the password is looked at; give how long to wait where there were too many.

    The attempt counts as failed until a log-in follows, so that many at once count too.
    """
    if session.connection().dialect.name == "postgresql":  # SQLite's writers stand in line already
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})
    wait = max(_wait_of_name(session, key), _wait_of_address(session, address))
    if not wait:
        note(session, Event.ATTEMPT, key, address=address)
        return None
    told = select(func.count()).where(
        LoginEvent.event == Event.LOCKED, LoginEvent.key == key, LoginEvent.at > now() - WINDOW
    )
    if not session.exec(told).one():  # once, or whoever hammers at the door would fill the disk
        note(session, Event.LOCKED, key, address=address)
    return wait


def _wait_of_name(session: Session, key: str) -> timedelta:
    forgiven = select(func.max(LoginEvent.id)).where(
        LoginEvent.key == key, col(LoginEvent.event).in_(FORGIVES)
    )
    since = session.exec(forgiven).one() or 0
    tries = select(LoginEvent.at).where(LoginEvent.key == key, col(LoginEvent.id) > since)
    return _wait(session.exec(_attempts(tries)).all(), MOST_BY_NAME)


def _wait_of_address(session: Session, address: str | None) -> timedelta:
    if address is None:
        return timedelta(0)
    tries = session.exec(_attempts(select(LoginEvent.at).where(LoginEvent.address == address))).all()
    welcome = select(func.count()).where(
        LoginEvent.address == address,
        LoginEvent.event == Event.LOGGED_IN,
        LoginEvent.at > now() - WINDOW,
    )
    return _wait(tries, MOST_BY_ADDRESS + session.exec(welcome).one())


def _attempts(tries):  # type: ignore[no-untyped-def]
    recent = tries.where(LoginEvent.event == Event.ATTEMPT, LoginEvent.at > now() - WINDOW)
    return recent.order_by(col(LoginEvent.id).desc())


def _wait(tries: Sequence[datetime], most: int) -> timedelta:
    """Give how long until fewer than `most` of the tries (the last first) lie in the window."""
    if len(tries) < most:
        return timedelta(0)
    return max(tries[most - 1] + WINDOW - now(), timedelta(seconds=1))
