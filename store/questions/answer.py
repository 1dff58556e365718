"""What a question answers: sentences, tables whose lines name their findings, plots as data, and what was left out."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from nlp.article import Record
from store.export import NOTICE
from store.filters import FindingQuery

Cell = str | int | float | None

VOTES: Final = (
    "Vote counting: each study has one vote in a line, whatever its size; papers of one registered trial or one work "
    "are one study. A study whose findings disagree is counted as mixed. Votes say how often something was found, "
    "not how large or how sure it is."
)
"""How studies are counted where nothing is pooled; every such answer says so."""


class Column(Record):
    """A column: its name in CSV and JSON, its words on a page, and how its cells are written."""

    name: str
    words: str
    kind: Literal["text", "count", "share", "number"] = "text"


class Line(Record):
    """A line of a table. `key` names it in an address; `findings` are the ids that its figures come from."""

    key: str
    cells: dict[str, Cell]
    findings: tuple[str, ...]


class Table(Record):
    """Lines under columns."""

    name: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    note: str = ""


class Point(Record):
    """A figure in a plot: where it stands (row, column), what it is of (series), and how large it is.

    `value` with `low` and `high` is a share and its interval; `studies` and `participants` are counts.
    """

    row: str
    column: str = ""
    series: str = ""
    studies: int = 0
    participants: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Plot(Record):
    """A plot as data: `bubbles` in a grid (area: participants), `intervals` of shares, or `bars` of studies."""

    kind: Literal["bubbles", "intervals", "bars"]
    title: str
    across: str
    alt: str
    rows: tuple[str, ...]
    columns: tuple[str, ...] = ()
    points: tuple[Point, ...]


class LeftOut(Record):
    """How many findings an answer does not draw on, and why."""

    findings: int
    reason: str


class Part(Record):
    """What a question's function makes of the findings."""

    says: tuple[str, ...]
    tables: tuple[Table, ...]
    plot: Plot | None = None
    left_out: tuple[LeftOut, ...] = ()
    method: str = VOTES


class Answer(Record):
    """An answer as pages, programs and the command line give it."""

    notice: str = NOTICE
    name: str
    title: str
    asks: str
    query: FindingQuery = Field(description="The filter that chose the findings, defaults included.")
    domains: tuple[str, ...] = Field(
        default=(), description="The domains of outcomes it is about; empty: all."
    )
    findings: int
    studies: int
    says: tuple[str, ...]
    method: str
    tables: tuple[Table, ...]
    plot: Plot | None
    left_out: tuple[LeftOut, ...]
    cautions: tuple[str, ...]
    articles: tuple[str, ...] = Field(exclude=True, repr=False)
    """The PMIDs that it draws on, to be counted; what leaves names them by its lines' findings."""


def table(
    name: str,
    title: str,
    heads: dict[str, str],
    lines: Sequence[Line],
    kinds: dict[str, str] | None = None,
    note: str = "",
) -> Table:
    """Make a table from its columns' names and words; a column is text where `kinds` does not say otherwise."""
    columns = tuple(
        Column.model_validate({"name": key, "words": words, "kind": (kinds or {}).get(key, "text")})
        for key, words in heads.items()
    )
    return Table(name=name, title=title, columns=columns, lines=tuple(lines), note=note)
