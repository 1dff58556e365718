"""Give each request a session over the application's engine, and the person who sends it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from store.asked import Tally
from store.database import session_scope
from store.people.rights import Person, Right, lacks
from store.web.problems import Problem

MOST_FIELDS = 40

LONGEST = 10.0
"""Seconds that the queries of one request may take."""


@contextmanager
def reading(request: Request) -> Iterator[Session]:
    """Give a session that only reads, in the thread that answers: a Reader is opened and closed by threads of their own.

    Each waits for its turn, which takes longer than to show one finding.
    """
    with session_scope(request.app.state.engine, writes=False, seconds=LONGEST) as session:
        yield session


def _reader(request: Request) -> Iterator[Session]:
    with reading(request) as session:
        yield session


Reader = Annotated[Session, Depends(_reader)]
"""A session that only reads."""


def _writer(request: Request) -> Iterator[Session]:
    with session_scope(request.app.state.engine) as session:
        yield session


Writer = Annotated[Session, Depends(_writer, scope="function")]
"""A session that is committed before the answer leaves."""


def shown(request: Request, pmids: Iterable[str]) -> None:
    """Count the articles that the answer shows, where they are counted."""
    tally: Tally | None = request.app.state.asked
    if tally:
        tally.note(pmids)


def person_of(request: Request) -> Person | None:
    """Give who sends the request, or None of someone who is not logged in."""
    person: Person | None = request.state.person
    return person


def _needs(right: Right | None) -> Callable[[Request], Awaitable[Person]]:
    async def known(request: Request) -> Person:  # async: it waits for nothing, and needs no thread
        person = person_of(request)
        refusal = lacks(person, right or Right.READ) if right or person is None else None
        if person is None or refusal:
            raise Problem(401 if person is None else 403, refusal or "")
        return person

    return known


Someone = Annotated[Person, Depends(_needs(None))]
"""Whoever is logged in or brings a token."""

Curator = Annotated[Person, Depends(_needs(Right.REVIEW))]
"""A person who may decide on findings."""

Adjudicator = Annotated[Person, Depends(_needs(Right.ADJUDICATE))]
"""A person who may decide where two curators disagreed."""

Admin = Annotated[Person, Depends(_needs(Right.ADMINISTER))]
"""A person who may change what people may do."""


async def _form(request: Request) -> dict[str, str]:
    """Read a form of plain text fields; of a field sent twice, the last counts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(415, "Send the fields of the form, as a form does.")
    fields: FormData = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {
        key: value for key, value in fields.items() if not isinstance(value, UploadFile) and "\0" not in value
    }


Form = Annotated[dict[str, str], Depends(_form)]


async def logged_in(request: Request) -> Person:
    """Give who is logged in by a browser: a token does not change a password or a log-in."""
    person = person_of(request)
    if person is None or person.by_token:
        raise Problem(401, "Log in on the page /login for this.")
    return person


LoggedIn = Annotated[Person, Depends(logged_in)]
