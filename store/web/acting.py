"""Do what a person asked for in one transaction, and say what is in the way."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from sqlmodel import Session

from nlp.errors import TransitionError
from store.articles import NotHeldError
from store.database import session_scope
from store.people.rights import ForbiddenError
from store.review import ConflictError
from store.web.problems import Problem

T = TypeVar("T")


def act(request: Request, work: Callable[[Session], T], *, again: str = "") -> T:
    """Give what the work gives; a problem where it is refused. `again` is added to what a person is told of a conflict."""
    try:
        with session_scope(request.app.state.engine) as session:
            return work(session)
    except ForbiddenError as error:
        raise Problem(403, str(error)) from None
    except ConflictError as error:
        raise Problem(409, f"{error} {again}".strip()) from None
    except NotHeldError as error:
        raise Problem(404, str(error)) from None
    except (TransitionError, ValueError) as error:
        raise Problem(422, str(error)) from None
