"""Add people, change what they may do, and find them; a name that stands in decisions is never changed."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from sqlmodel import Session, col, delete, select

from nlp.errors import KetmineError
from store.database import now
from store.people.events import Event, note
from store.people.passwords import hashed, one_time, weakness
from store.people.rights import Person, Role
from store.people.tables import LoginSession, Token, User

LONGEST: Final = 60
MARKS: Final = frozenset(" .'’-")


class PersonError(KetmineError):
    """A person cannot be added, found or changed as asked; the message says why."""


def clean_name(name: str) -> str:
    """Give the name in one spelling (NFC, single spaces); raise ValueError when it cannot be one."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    letters = sum(character.isalpha() for character in name)
    fits = all(
        character.isalnum() or unicodedata.combining(character) or character in MARKS for character in name
    )
    if not (fits and letters >= 2 and len(name) <= LONGEST):
        raise ValueError(f"A name has two letters or more, at most {LONGEST} characters, and no other signs.")
    return name


def key_of(name: str) -> str:
    """Give a name as names are compared: without case, width and doubled spaces, at most as long as a name."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:LONGEST]


def person_of(user: User) -> Person:
    """Give a row as who it stands for."""
    return Person(user.name, Role(user.role), id=user.id or 0, must_change=user.must_change)


def people(session: Session) -> Sequence[User]:
    """List everyone, by name."""
    return session.exec(select(User).order_by(col(User.key))).all()


def lookup(session: Session, name: str) -> User | None:
    """Find a person by name, or give None."""
    return session.exec(select(User).where(User.key == key_of(name))).one_or_none()


def subject_of(issuer: str, subject: str) -> str:
    """Give what the store keeps of who is known elsewhere: a subject is unique at its issuer only."""
    return f"{issuer.rstrip('/')}|{subject}"


def by_subject(session: Session, subject: str) -> User | None:
    """Find a person by what they are known as elsewhere, or give None."""
    return session.exec(select(User).where(User.subject == subject)).one_or_none()


def link(session: Session, user: User, subject: str) -> None:
    """Let a person come by a log-in elsewhere, too; a one-time password that they never used opens nothing any more.

    Raises:
        PersonError: the subject is another person's.
    """
    other = by_subject(session, subject)
    if other is not None and other.id != user.id:
        raise PersonError(f"{other.name} is known by this subject already.")
    user.subject = subject
    if user.must_change:
        user.password, user.must_change = None, False
    session.add(user)
    note(session, Event.LINKED, user.key, detail=subject[:300])


def named(session: Session, name: str) -> User:
    """Find a person by name.

    Raises:
        PersonError: there is none of this name.
    """
    user = lookup(session, name)
    if user is None:
        raise PersonError(f"There is nobody named {name[:LONGEST]!r}: `ketmine user list` lists everyone.")
    return user


def add_user(
    session: Session, name: str, role: Role, *, subject: str | None = None, disabled: bool = False
) -> tuple[User, str | None]:
    """Add a person; give the row and the one-time password, None of who does not come by password but as `subject`.

    Raises:
        PersonError: the name is none or is taken.
    """
    try:
        name = clean_name(name)
    except ValueError as error:
        raise PersonError(str(error)) from None
    if lookup(session, name) is not None:
        raise PersonError(f"There is somebody named {name} already: give another name.")
    password = None if subject else one_time()
    user = User(
        name=name,
        key=key_of(name),
        role=role,
        password=hashed(password) if password else None,
        must_change=password is not None,
        subject=subject,
        disabled=disabled,
        created_at=now(),
    )
    session.add(user)
    session.flush()
    note(session, Event.ADDED, user.key, detail=role)
    return user, password


def set_role(session: Session, user: User, role: Role) -> None:
    """Give a person another role; there is always an admin left.

    Raises:
        PersonError: it would take the role from the last admin.
    """
    if role is not Role.ADMIN:
        _keep_an_admin(session, user)
    user.role = role
    session.add(user)
    note(session, Event.ROLE, user.key, detail=role)


def set_disabled(session: Session, user: User, disabled: bool) -> None:
    """Shut a person out, with every log-in and token of theirs, or let them in again; there is always an admin left.

    Raises:
        PersonError: it would shut out the last admin.
    """
    if disabled:
        _keep_an_admin(session, user)
        end_all(session, user)
        session.exec(delete(Token).where(col(Token.user_id) == user.id))
    user.disabled = disabled
    session.add(user)
    note(session, Event.DISABLED if disabled else Event.ENABLED, user.key)


def set_password(session: Session, user: User, password: str) -> None:
    """Give a person the password that they chose, and end every log-in that stands.

    Raises:
        PersonError: the password is too weak; the message says what it lacks.
    """
    if reason := weakness(password, user.name):
        raise PersonError(reason)
    user.password, user.must_change = hashed(password), False
    session.add(user)
    end_all(session, user)
    note(session, Event.PASSWORD, user.key)


def reset_password(session: Session, user: User) -> str:
    """Give a person a one-time password in the place of theirs; it lifts a lock-out and ends their log-ins."""
    password = one_time()
    user.password, user.must_change = hashed(password), True
    session.add(user)
    end_all(session, user)
    note(session, Event.RESET, user.key)
    return password


def first_admin(session: Session, name: str = "admin") -> tuple[str, str] | None:
    """Make an admin where there is none; give the name and the one-time password, None where there is one."""
    if _admins(session):
        return None
    while lookup(session, name) is not None:
        name += "-admin"
    user, password = add_user(session, name, Role.ADMIN)
    return user.name, password or ""


def end_all(session: Session, user: User) -> None:
    """End every log-in of a person."""
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))


def _admins(session: Session) -> Sequence[User]:
    # locked, so that two admins who take each other's role at once do not leave none
    wanted = select(User).where(User.role == Role.ADMIN, col(User.disabled).is_(False)).with_for_update()
    return session.exec(wanted).all()


def _keep_an_admin(session: Session, user: User) -> None:
    if [admin.id for admin in _admins(session)] == [user.id]:
        raise PersonError(f"{user.name} is the only admin: make somebody else one first.")
