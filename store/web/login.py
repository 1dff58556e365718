"""The door: log in, log out, and choose a password."""

from math import ceil

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Engine
from starlette.responses import Response

from store.database import session_scope
from store.people import accounts, events, logins, passwords
from store.people.accounts import PersonError
from store.people.tables import User
from store.web.access import Form, LoggedIn, person_of
from store.web.entrance import Entrance
from store.web.render import page

router = APIRouter(include_in_schema=False)

WRONG = "The name or the password is wrong."


def local_path(path: str) -> str:
    """Give a path of ours to go on to; anything that could lead to another site becomes the queue."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and path.isprintable() and len(path) < 2000 else "/queue"


@router.get("/login")
def ask(request: Request) -> Response:
    """Ask for name and password, or lead on who is logged in."""
    onward = local_path(request.query_params.get("next", ""))
    if person_of(request) is not None:
        return RedirectResponse(onward, status_code=303)
    return _form(request, 200, "", onward, ())


@router.post("/login")
def log_in(request: Request, form: Form) -> Response:
    """Let someone in by name and password; what is wrong is not told apart."""
    name, password, onward = (form.get(field, "") for field in ("name", "password", "next"))
    onward, key, address = local_path(onward), accounts.key_of(name), address_of(request)
    engine: Engine = request.app.state.engine
    with session_scope(engine) as session:
        wait = events.knock(session, key, address)
    if wait:
        minutes = ceil(wait.total_seconds() / 60)
        told = f"Too many attempts. Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}."
        answer = _form(request, 429, name, onward, (told,))
        answer.headers["Retry-After"] = str(ceil(wait.total_seconds()))
        return answer
    with session_scope(engine, writes=False) as session:
        user = accounts.lookup(session, name)
    # outside any transaction: it takes a while, and others write meanwhile
    if not passwords.matches(user.password if user and not user.disabled else None, password) or user is None:
        return _form(request, 401, name, onward, (WRONG,))
    return enter(request, user, onward, "password")


def enter(request: Request, user: User, onward: str, way: str) -> Response:
    """Open a log-in under a new secret, whatever cookie came with the request, and lead on."""
    entrance: Entrance = request.app.state.entrance
    with session_scope(request.app.state.engine) as session:
        logins.leave(session, request.cookies.get(entrance.cookie, ""))
        secret = logins.admit(session, user, address_of(request), way)
    answer = RedirectResponse("/password" if user.must_change else onward, status_code=303)
    longest = int(logins.LONGEST.total_seconds())
    answer.set_cookie(
        entrance.cookie, secret, max_age=longest, secure=entrance.secure, httponly=True, samesite="lax"
    )
    return answer


def address_of(request: Request) -> str | None:
    """Give the address that a request comes from."""
    return request.client.host if request.client else None


@router.post("/logout")
def log_out(request: Request) -> Response:
    """End the log-in, here and in the store."""
    entrance: Entrance = request.app.state.entrance
    with session_scope(request.app.state.engine) as session:
        logins.leave(session, request.cookies.get(entrance.cookie, ""))
    answer = RedirectResponse("/login" if not entrance.open else "/", status_code=303)
    answer.delete_cookie(entrance.cookie, secure=entrance.secure, httponly=True, samesite="lax")
    return answer


@router.get("/password")
def ask_password(request: Request, person: LoggedIn) -> HTMLResponse:
    """Ask for a new password."""
    return page(request, "password.html", must=person.must_change, problem=())


@router.post("/password")
def take_password(request: Request, person: LoggedIn, form: Form) -> Response:
    """Change the password of who knows the present one; every other log-in of theirs ends."""
    engine: Engine = request.app.state.engine
    old, new = form.get("old", ""), form.get("new", "")
    with session_scope(engine) as session:
        user = accounts.named(session, person.name)
        wait = events.knock(session, user.key, address_of(request))
    if wait or not passwords.matches(user.password, old):
        sentence = (
            "Too many attempts: wait a quarter of an hour." if wait else "The present password is wrong."
        )
    elif new != form.get("again"):
        sentence = "The new password was typed in two ways."
    elif old == new:
        sentence = "The new password is the present one: choose another."
    else:
        try:
            with session_scope(engine) as session:
                user = accounts.named(session, person.name)
                accounts.set_password(session, user, new)
        except PersonError as error:
            sentence = str(error)
        else:
            return enter(request, user, "/queue", "changed password")
    return page(request, "password.html", status=422, must=person.must_change, problem=(sentence,))


def refused(request: Request, status: int, *sentences: str) -> HTMLResponse:
    """Show the log-in again, and say why someone did not get in."""
    return _form(request, status, "", "/queue", sentences)


def _form(request: Request, status: int, name: str, onward: str, problem: tuple[str, ...]) -> HTMLResponse:
    elsewhere = request.app.state.entrance.provider is not None
    shown = {"name": name[: accounts.LONGEST], "next": onward, "problem": problem, "elsewhere": elsewhere}
    return page(request, "login.html", status=status, **shown)
