"""People and tokens for programs: JSON under /api/v1, for those who administer; one's own tokens for everyone."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from nlp.article import Record
from store.database import session_scope
from store.people import accounts, logins
from store.people.accounts import PersonError
from store.people.events import events
from store.people.rights import Person, Right, Role, lacks
from store.people.tables import User
from store.web.access import Admin, Reader, Someone
from store.web.openapi import WRITE_PROBLEMS
from store.web.problems import Problem

router = APIRouter(prefix="/api/v1", tags=["people"], responses=WRITE_PROBLEMS)

Name = Annotated[str, Field(max_length=accounts.LONGEST)]


class PersonRecord(Record):
    """A person: never a password, nor what names them elsewhere."""

    name: str
    role: Role
    disabled: bool
    must_change: bool


class Me(Record):
    """Who asks, and what this log-in or token may do."""

    name: str
    role: Role
    rights: tuple[Right, ...]


class PersonIn(Record):
    """A person to add."""

    name: Name
    role: Role = Role.CURATOR


class Admitted(PersonRecord):
    """A person with the one-time password, which is told this once."""

    password: str | None


class PersonChange(Record):
    """What to change of a person."""

    role: Role | None = None
    disabled: bool | None = None


class TokenIn(Record):
    """A token to make; its scopes are rights."""

    label: Annotated[str, Field(max_length=logins.LONGEST_LABEL)]
    scopes: Annotated[frozenset[Right], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=logins.MOST_DAYS)] = 90


class TokenRecord(Record):
    """A token as it is kept: without its secret."""

    label: str
    scopes: tuple[Right, ...]
    expires_at: str
    used_at: str | None


class TokenMade(Record):
    """A new token with its secret, which is told this once."""

    label: str
    secret: str


class DoorEvent(Record):
    """What happened at the door."""

    at: str
    event: str
    key: str
    address: str | None
    detail: str | None


def _record(user: User) -> PersonRecord:
    return PersonRecord(
        name=user.name, role=Role(user.role), disabled=user.disabled, must_change=user.must_change
    )


@router.get("/me")
def me(person: Someone) -> Me:
    """Say who asks."""
    return Me(name=person.name, role=person.role, rights=tuple(sorted(person.rights)))


@router.get("/people")
def people(session: Reader, person: Admin) -> list[PersonRecord]:
    """List everyone."""
    return [_record(user) for user in accounts.people(session)]


@router.post("/people", status_code=201)
def add(request: Request, asked: PersonIn, person: Admin) -> Admitted:
    """Add a person; the answer holds the one-time password."""
    try:
        with session_scope(request.app.state.engine) as session:
            user, password = accounts.add_user(session, asked.name, asked.role)
            return Admitted(**_record(user).model_dump(), password=password)
    except PersonError as error:
        raise Problem(422, str(error)) from None


@router.patch("/people/{name}")
def change(request: Request, name: str, asked: PersonChange, person: Admin) -> PersonRecord:
    """Give a person another role, shut them out or let them in again."""
    try:
        with session_scope(request.app.state.engine) as session:
            user = accounts.named(session, name)
            if asked.role is not None:
                accounts.set_role(session, user, asked.role)
            if asked.disabled is not None:
                accounts.set_disabled(session, user, asked.disabled)
            return _record(user)
    except PersonError as error:
        raise Problem(422, str(error)) from None


@router.post("/people/{name}/password")
def reset(request: Request, name: str, person: Admin) -> Admitted:
    """Give a person a one-time password in the place of theirs; it lifts a lock-out."""
    try:
        with session_scope(request.app.state.engine) as session:
            user = accounts.named(session, name)
            password = accounts.reset_password(session, user)
            return Admitted(**_record(user).model_dump(), password=password)
    except PersonError as error:
        raise Problem(422, str(error)) from None


def _theirs(person: Person, name: str) -> None:
    """Refuse who asks for another's tokens without the right to; also whether that other is there is not told."""
    if accounts.key_of(name) != accounts.key_of(person.name) and (refusal := lacks(person, Right.ADMINISTER)):
        raise Problem(403, refusal)


@router.get("/people/{name}/tokens")
def tokens(session: Reader, name: str, person: Someone) -> list[TokenRecord]:
    """List a person's tokens."""
    _theirs(person, name)
    try:
        held = logins.tokens(session, accounts.named(session, name))
    except PersonError as error:
        raise Problem(404, str(error)) from None
    return [
        TokenRecord(
            label=token.label,
            scopes=tuple(map(Right, token.scopes)),
            expires_at=token.expires_at.isoformat(),
            used_at=token.used_at.isoformat() if token.used_at else None,
        )
        for token in held
    ]


@router.post("/people/{name}/tokens", status_code=201)
def make_token(request: Request, name: str, asked: TokenIn, person: Someone) -> TokenMade:
    """Make a token for oneself, or as an admin for another; it never has more than who asks and who owns it.

    A token makes none but by the scope `administer`: else one that leaked would outlive its revocation.
    """
    _theirs(person, name)
    if person.by_token and (refusal := lacks(person, Right.ADMINISTER)):
        raise Problem(403, refusal)
    try:
        with session_scope(request.app.state.engine) as session:
            user = accounts.named(session, name)
            secret = logins.make_token(session, person, user, asked.label, asked.scopes, asked.days)
    except PersonError as error:
        raise Problem(422, str(error)) from None
    return TokenMade(label=" ".join(asked.label.split()), secret=secret)


@router.delete("/people/{name}/tokens/{label}", status_code=204)
def revoke(request: Request, name: str, label: str, person: Someone) -> None:
    """Take a token back."""
    _theirs(person, name)
    try:
        with session_scope(request.app.state.engine) as session:
            logins.revoke(session, accounts.named(session, name), label)
    except PersonError as error:
        raise Problem(404, str(error)) from None


@router.get("/door")
def door(session: Reader, person: Admin) -> list[DoorEvent]:
    """List the last 200 events of the door, the last first: attempts, log-ins, lock-outs, changes."""
    return [
        DoorEvent(at=one.at.isoformat(), event=one.event, key=one.key, address=one.address, detail=one.detail)
        for one in events(session)
    ]
