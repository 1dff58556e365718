"""Words → the full-text engine of the database: SQLite's FTS5, PostgreSQL's tsvector, one meaning on both.

A word is a run of letters and digits, without regard to case; no stemming. `0.5 mg/kg` is the words 0 5 and mg
kg, each pair in that order side by side; `dissoc*` is every word that begins so. All must occur in the title or
the abstract, of which a finding's quote is a part.
"""

import re
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

_TOKEN = re.compile(r"[^\W_]+")


class Words(NamedTuple):
    """The tokens of one written word; `prefix`: the last is the beginning of one."""

    tokens: tuple[str, ...]
    prefix: bool


def words(text: str) -> list[Words]:
    """Cut what was asked into words; what has neither letter nor digit is left out."""
    cut = [Words(tuple(_TOKEN.findall(word.lower())), word.endswith("*")) for word in text.split()]
    return [word for word in cut if word.tokens]


def matching(version_id: Any, text: str, *, title: bool = False) -> ColumnElement[bool]:
    """Say that the text of a version (its title alone) holds all the words asked for; no word fits nothing."""
    asked = words(text)
    if not asked:
        return false()
    made = _InTitle if title else _Matches
    return made(version_id, literal(fts5(asked, title)), literal(tsquery(asked)))


def fts5(asked: list[Words], title: bool = False) -> str:
    """Write the words asked for as a query of FTS5."""
    phrases = (f'"{" ".join(word.tokens)}"{" *" if word.prefix else ""}' for word in asked)
    return f"{'{title} : ' if title else ''}({' AND '.join(phrases)})"


def tsquery(asked: list[Words]) -> str:
    """Write the words asked for as a tsquery."""

    def phrase(word: Words) -> str:
        return " <-> ".join(f"'{token}'" for token in word.tokens) + (":*" if word.prefix else "")

    return " & ".join(f"({phrase(word)})" for word in asked)


class _Matches(FunctionElement[bool]):
    """The condition, written for either database.

    It is not said to be Boolean: SQLAlchemy would write `= 1` behind it for SQLite, which then uses no index.
    """

    type: Any = NullType()
    inherit_cache = True
    name = "matches"


class _InTitle(_Matches):
    """The condition on the title alone."""

    inherit_cache = True


@compiles(_Matches, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    version, asked, _ = (compiler.process(part, **kw) for part in _parts(element))
    # bound parameters, written by the compiler
    return f"{version} IN (SELECT rowid FROM article_search WHERE article_search MATCH {asked})"  # noqa: S608


@compiles(_Matches, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, _, query = _parts(element)
    version, asked = compiler.process(column, **kw), compiler.process(query, **kw)
    words = "title" if isinstance(element, _InTitle) else "words"
    found = f"SELECT version_id FROM article_search WHERE {words} @@ to_tsquery('simple', {asked})"  # noqa: S608
    return f"{version} IN ({found})"


def _parts(element: Any) -> list[Any]:
    return list(element.clauses)


def highlights(passage: str, text: str) -> list[tuple[int, int]]:
    """Give the half-open offsets of the words asked for in a passage, in its order."""
    found = []
    for word in words(text):
        gap = r"[\W_]+"
        end = r"[^\W_]*" if word.prefix else r"(?![^\W_])"
        pattern = rf"(?<![^\W_]){gap.join(map(re.escape, word.tokens))}{end}"
        found += [match.span() for match in re.finditer(pattern, passage, re.IGNORECASE)]
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined
