"""Remember under which name a person decides; until there is a log-in, a name is all that we ask for."""

import unicodedata
from typing import Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "ketmine_curator"
LONGEST: Final = 60
ONE_YEAR: Final = 365 * 24 * 3600
MARKS: Final = frozenset(" .'’-")


def curator_of(request: Request) -> str | None:
    """Give the curator's name from the cookie, or None when there is none or it is no name."""
    try:
        return clean_name(unquote(request.cookies.get(COOKIE, "")))
    except ValueError:
        return None


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


def remember(response: Response, name: str) -> None:
    """Keep the name in a cookie that neither scripts nor other sites can use."""
    response.set_cookie(COOKIE, quote(name), max_age=ONE_YEAR, httponly=True, samesite="strict")


def local_path(path: str) -> str:
    """Give a path of ours to go on to; anything that could lead to another site becomes the queue."""
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if plain and path.isprintable() and len(path) < 2000 else "/queue"
