"""Let people in by a secret that only their browser keeps, and programs by a token; the store keeps hashes."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from store.database import now, rows
from store.people.accounts import PersonError, person_of
from store.people.events import Event, note
from store.people.rights import Person, Right, Role
from store.people.tables import LoginSession, Token, User

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
"""A log-in ends after this long without a request, and after this long whatever happens."""

SEEN_EVERY: Final = timedelta(minutes=5)
MARK: Final = "ketmine_"
"""What tokens begin with, so that one that lies about is known for what it is."""

MOST_DAYS: Final = 366
LONGEST_LABEL: Final = 60


def digest(secret: str) -> str:
    """Give what the store keeps of a secret: it has 256 random bits, so that no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def admit(session: Session, user: User, address: str | None, detail: str) -> str:
    """Open a log-in under a new secret, and give the secret."""
    secret, moment = secrets.token_urlsafe(32), now()
    session.exec(delete(LoginSession).where(col(LoginSession.started_at) < moment - LONGEST))
    session.add(LoginSession(id=digest(secret), user_id=user.id or 0, started_at=moment, seen_at=moment))
    note(session, Event.LOGGED_IN, user.key, address=address, detail=detail)
    return secret


_LOGIN = (  # made once: every request asks it, and making a statement takes longer than SQLite's answer
    select(User.name, User.role, User.id, User.must_change)
    .add_columns(col(User.disabled), col(LoginSession.started_at), col(LoginSession.seen_at))
    .join(LoginSession, col(LoginSession.user_id) == User.id)
    .where(col(LoginSession.id) == bindparam("id"))
)


def whose_login(session: Session, secret: str) -> tuple[Person | None, bool]:
    """Give who is logged in by a secret, and whether it is time to write down that they were seen."""
    found = rows(session, _LOGIN, id=digest(secret)).one_or_none()
    if found is None:
        return None, False
    name, role, user_id, must_change, disabled, started_at, seen_at = found
    moment = now()
    if disabled or moment - seen_at > IDLE or moment - started_at > LONGEST:
        return None, False
    return Person(name, Role(role), id=user_id, must_change=must_change), moment - seen_at > SEEN_EVERY


def seen(session: Session, secret: str) -> None:
    """Write down that a log-in is in use."""
    login = session.get(LoginSession, digest(secret))
    if login is not None:
        login.seen_at = now()
        session.add(login)


def leave(session: Session, secret: str) -> None:
    """End a log-in; the secret opens nothing any more."""
    login = session.get(LoginSession, digest(secret))
    if login is None:
        return
    user = session.get(User, login.user_id)
    session.delete(login)
    note(session, Event.LOGGED_OUT, user.key if user else "")


def make_token(
    session: Session, asker: Person, user: User, label: str, scopes: frozenset[Right], days: int
) -> str:
    """Make a token for a person and give its secret, which is not kept; nobody gives more than they have.

    Raises:
        PersonError: the label, the scopes or the days cannot be, the label is taken, or the person is disabled.
    """
    label = " ".join(label.split())
    if not (label.isprintable() and 0 < len(label) <= LONGEST_LABEL):
        raise PersonError(f"A token has a label of 1 to {LONGEST_LABEL} characters, to know it by.")
    if not 1 <= days <= MOST_DAYS:
        raise PersonError(f"A token is good for 1 to {MOST_DAYS} days.")
    having = person_of(user).rights & asker.rights
    if not scopes or scopes - having:
        raise PersonError(
            f"A token for {user.name} can have these scopes and no others: {', '.join(sorted(having))}."
        )
    if user.disabled:
        raise PersonError(f"{user.name} is disabled: enable them first.")
    if any(token.label == label for token in tokens(session, user)):
        raise PersonError(
            f"{user.name} has a token {label!r} already: give another label, or revoke that one."
        )
    secret, moment = MARK + secrets.token_urlsafe(32), now()
    session.add(
        Token(
            user_id=user.id or 0,
            label=label,
            hash=digest(secret),
            scopes=sorted(scopes),
            created_at=moment,
            expires_at=moment + timedelta(days=days),
        )
    )
    note(session, Event.TOKEN, user.key, detail=f"{label}: {', '.join(sorted(scopes))}")
    return secret


def tokens(session: Session, user: User | Person) -> Sequence[Token]:
    """List a person's tokens, the first first."""
    return session.exec(select(Token).where(Token.user_id == user.id).order_by(col(Token.id))).all()


def revoke(session: Session, user: User | Person, label: str) -> None:
    """Take a person's token back.

    Raises:
        PersonError: they have no token of this label.
    """
    found = next((token for token in tokens(session, user) if token.label == label), None)
    if found is None:
        raise PersonError(f"{user.name} has no token {label[:LONGEST_LABEL]!r}.")
    session.delete(found)
    owner = session.get(User, found.user_id)
    note(session, Event.REVOKED, owner.key if owner else "", detail=label)


def whose_token(session: Session, secret: str) -> tuple[Person | None, bool]:
    """Give who comes by a token, limited to its scopes, and whether it is time to write down its use."""
    found = session.exec(select(Token, User).join(User).where(Token.hash == digest(secret))).one_or_none()
    if found is None:
        return None, False
    token, user = found
    moment = now()
    if user.disabled or moment >= token.expires_at:
        return None, False
    scopes = frozenset(map(Right, token.scopes))
    due = token.used_at is None or moment - token.used_at > SEEN_EVERY
    return person_of(user)._replace(scopes=scopes, must_change=False, by_token=True), due


def used(session: Session, secret: str) -> None:
    """Write down that a token is in use."""
    token = session.exec(select(Token).where(Token.hash == digest(secret))).one_or_none()
    if token is not None:
        token.used_at = now()
        session.add(token)
