"""Count studies, one vote each."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, TypeVar

from store.questions.answer import Cell, Line, Point, Table, table
from store.questions.evidence import Row

Key = TypeVar("Key", bound=Hashable)

MIXED: Final = "mixed"
EFFECTS: Final = {
    "improved": "better",
    "no_difference": "no difference",
    "worsened": "worse",
    "unclear": "unclear",
    MIXED: "mixed",
}
"""What an outcome means for the patient → the word of its column."""

ASSERTIONS: Final = {"present": "seen", "absent": "said not to occur", "possible": "possible", MIXED: "mixed"}
"""What is said of an adverse event → the word of its column."""


def by(rows: Iterable[Row], key: Callable[[Row], Key | None]) -> dict[Key, list[Row]]:
    """Put rows under their keys; a row whose key is None under none."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        found = key(row)
        if found is not None:
            groups.setdefault(found, []).append(row)
    return groups


def studies(rows: Iterable[Row]) -> set[str]:
    """Give the studies that rows belong to."""
    return {row.study for row in rows}


def votes(rows: Iterable[Row], of: Callable[[Row], str]) -> dict[str, str]:
    """Give each study's vote: what all its rows say, or `mixed`."""
    said: dict[str, str] = {}
    for row in rows:
        study, value = row.study, of(row)
        if said.setdefault(study, value) != value:
            said[study] = MIXED
    return said


def participants(rows: Iterable[Row]) -> int:
    """Sum the studies' sizes, each study once at its largest; a study that tells none adds nothing."""
    sizes: dict[str, int] = {}
    for row in rows:
        if row.sample_size and row.sample_size > sizes.get(row.study, 0):
            sizes[row.study] = row.sample_size
    return sum(sizes.values())


def ids(rows: Iterable[Row]) -> tuple[str, ...]:
    """Give the rows' findings."""
    return tuple(row.id for row in rows)


def vote_line(
    key: str, heads: dict[str, Cell], rows: Sequence[Row], of: Callable[[Row], str], words: dict[str, str]
) -> Line:
    """Make a line of votes: its heads, the studies, how each voted, and the participants."""
    counted = Counter(votes(rows, of).values())
    cells = heads | {"studies": counted.total()} | {vote: counted[vote] for vote in words}
    return Line(key=key, cells=cells | {"participants": participants(rows)}, findings=ids(rows))


def vote_table(
    name: str,
    title: str,
    heads: dict[str, str],
    groups: Sequence[tuple[tuple[str, ...], Sequence[Row]]],
    of: Callable[[Row], str],
    words: dict[str, str],
    note: str = "",
) -> Table:
    """Make a table of votes with one line a group; a group's key gives the cells under `heads`."""
    lines = [
        vote_line("/".join((name, *key)), dict(zip(heads, key, strict=True)), rows, of, words)
        for key, rows in groups
    ]
    counts = {
        "studies": "Studies",
        **{vote: said.capitalize() for vote, said in words.items()},
        "participants": "Participants",
    }
    return table(name, title, heads | counts, lines, dict.fromkeys(counts, "count"), note)


def vote_points(table_: Table, row: str, column: str, words: dict[str, str]) -> tuple[Point, ...]:
    """Turn a table of votes into the points of a plot; the participants of a line are shared out by its votes."""
    points = []
    for line in table_.lines:
        studies_ = int(line.cells["studies"] or 0)
        for vote, said in words.items():
            n = int(line.cells[vote] or 0)
            if n:
                share = round(int(line.cells["participants"] or 0) * n / studies_)
                point = Point(
                    row=str(line.cells[row]),
                    column=str(line.cells[column]),
                    series=said,
                    studies=n,
                    participants=share,
                )
                points.append(point)
    return tuple(points)


def effect(row: Row) -> str:
    """Give what an outcome means for the patient."""
    return str(row.effect)


def assertion(row: Row) -> str:
    """Give what is said of an adverse event."""
    return str(row.assertion)


def instrument(row: Row) -> str:
    """Name what an outcome was measured with: the instrument's code, else its domain."""
    if row.instrument_curie:
        return str(row.instrument_curie).rpartition(":")[2]
    return f"{(row.domain or 'other').replace('_', ' ')}, no scale named"


def most(groups: dict[str, list[Row]], n: int) -> list[str]:
    """Give the keys of the groups with the most studies, the most first."""
    return sorted(groups, key=lambda key: (-len(studies(groups[key])), key))[:n]
