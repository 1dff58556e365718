"""Words anywhere in a column, without regard to case, the fast way where there is one."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def contains(column: Any, term: str) -> ColumnElement[bool]:
    """Say that a column holds the words of a term; `%` and `_` are themselves."""
    if not term.isascii():
        return column.icontains(term, autoescape=True)
    pattern = term.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return _Holds(column, literal(f"%{pattern}%"))


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
