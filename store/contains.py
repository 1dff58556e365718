"""Words anywhere in a column, without regard to case, the fast way where there is one."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


def contains(column: Any, term: str) -> ColumnElement[bool]:
    """Say that a column holds the words of a term; `%` and `_` are themselves."""
    if not term.isascii():
        return column.icontains(term, autoescape=True)
    pattern = term.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return _Holds(column, literal(f"%{pattern}%"))


class Among(FunctionElement[bool]):
    """Say that a column's value is one of those that a query of few finds.

    PostgreSQL is given them as an array, which it looks up in the column's index: of a query it guesses how many it finds,
    and reads the whole table. As of `store.search`, SQLAlchemy is not told that it is Boolean.
    """

    type: Any = NullType()
    inherit_cache = True
    name = "among"

    def __init__(self, column: Any, found: Any) -> None:
        super().__init__(column, found.scalar_subquery())


@compiles(Among, "sqlite")
def _sqlite_among(element: Any, compiler: Any, **kw: Any) -> str:
    value, found = (compiler.process(part, **kw) for part in element.clauses)
    return f"({value} IN {found})"


@compiles(Among, "postgresql")
def _postgresql_among(element: Any, compiler: Any, **kw: Any) -> str:
    value, found = (compiler.process(part, **kw) for part in element.clauses)
    return f"({value} = ANY (ARRAY{found}))"


class _Holds(FunctionElement[bool]):
    """The condition for a term of plain ASCII.

    SQLite's LIKE knows the case of ASCII by itself; our lower() would be called back into Python for every row.
    """

    type = Boolean()
    inherit_cache = True
    name = "holds"


@compiles(_Holds, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    text, pattern = (compiler.process(part, **kw) for part in element.clauses)
    return f"({text} LIKE {pattern} ESCAPE '/')"


@compiles(_Holds, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text, pattern = (compiler.process(part, **kw) for part in element.clauses)
    return f"({text} ILIKE {pattern} ESCAPE '/')"
