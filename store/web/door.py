"""Find out who asks, before anything is answered, and keep out who may not come in."""

from urllib.parse import quote

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from nlp.errors import KetmineError
from store.database import session_scope
from store.people import logins
from store.people.rights import Person, Right, lacks
from store.web.entrance import Entrance
from store.web.guard import SAFE_METHODS
from store.web.problems import Problem, respond

WHO_MUST_CHANGE = frozenset({"/password", "/logout"})
"""All that is open to someone with a one-time password."""


class Door:
    """ASGI middleware: put the person, or None, into the request's state; refuse where one is needed."""

    def __init__(self, app: ASGIApp, engine: Engine, entrance: Entrance) -> None:
        self.app, self.engine, self.entrance = app, engine, entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            request = Request(scope)
            request.state.person = None
            answer = await run_in_threadpool(self._stopped, request)
            if answer is not None:
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _stopped(self, request: Request) -> Response | None:
        """Give the answer to who may not come in, or None."""
        try:
            request.state.person = person = identify(request, self.engine, self.entrance)
        except Problem as problem:
            return respond(request, problem)
        except KetmineError as error:
            return respond(request, Problem(503, str(error)))
        path, reads = request.url.path, request.method in SAFE_METHODS
        if person is None:
            if self.entrance.open or path == "/login" or path.startswith("/login/"):
                return None
            return _to_log_in(request)
        if person.must_change and path not in WHO_MUST_CHANGE:
            if reads and not path.startswith("/api/"):
                return RedirectResponse("/password", status_code=303)
            return respond(
                request, Problem(403, "Change the one-time password first, on the page /password.")
            )
        refusal = lacks(person, Right.READ) if reads else None
        return respond(request, Problem(403, refusal)) if refusal else None


def identify(request: Request, engine: Engine, entrance: Entrance) -> Person | None:
    """Give who asks: by a token where the request brings one, else by the cookie of a log-in.

    Raises:
        Problem: the token opens nothing.
    """
    given = request.headers.get("authorization")
    if given is not None:
        kind, _, secret = given.partition(" ")
        whose, write = logins.whose_token, logins.used
        secret = secret.strip() if kind.lower() == "bearer" else ""
    else:
        whose, write = logins.whose_login, logins.seen
        secret = request.cookies.get(entrance.cookie, "")
    person, due = None, False
    if secret:
        with session_scope(engine, writes=False) as session:
            person, due = whose(session, secret)
    if due:
        with session_scope(engine) as session:
            write(session, secret)
    if given is not None and person is None:
        raise Problem(401, "The token is none of ours, has expired or was revoked.")
    return person


def _to_log_in(request: Request) -> Response:
    if request.url.path.startswith("/api/") or request.method not in SAFE_METHODS:
        return respond(request, Problem(401, "Log in, or send a token: Authorization: Bearer ketmine_…"))
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted)}", status_code=303)
