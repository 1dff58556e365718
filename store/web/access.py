"""Give each request a session over the application's engine."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from store.database import session_scope

LONGEST = 10.0
"""Seconds that the queries of one request may take."""


def _reader(request: Request) -> Iterator[Session]:
    with session_scope(request.app.state.engine, writes=False, seconds=LONGEST) as session:
        yield session


Reader = Annotated[Session, Depends(_reader)]
"""A session that only reads."""
