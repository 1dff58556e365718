"""Plain statements of the debate against the findings for, against and neither: a table that a researcher edits."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from sqlmodel import Session

from nlp.errors import StoreError
from store.filters import FindingQuery
from store.questions.answer import Answer, Cell, LeftOut, Line, Plot, Point, Table, table
from store.questions.evidence import PRIMARY, Row, articles, cautions, gather, left_out
from store.questions.votes import by, ids, participants, studies, votes

TABLE: Final = Path(__file__).parent / "claims.tsv"
COLUMNS: Final = ("claim", "statement", "filter", "field", "for", "against")
STANCES: Final = ("for", "against", "neither")
FEW: Final = 3
"""With fewer studies for and against no verdict is given."""

MOST: Final = 2 / 3
"""The share of those for and against from which `most` is said."""

METHOD: Final = (
    "Vote counting, one vote a study: papers of one registered trial or one work are one. A study is for or against a statement "
    "where all its findings that tell are; one whose findings disagree, or tell neither, is counted as neither. The verdict is "
    "made from the counts alone: it weighs neither size, design nor quality, and it is no medical advice."
)


class Claim(NamedTuple):
    """A statement, the findings that bear on it, and the values of a field that speak for and against it."""

    name: str
    statement: str
    query: FindingQuery
    field: str
    pro: frozenset[str]
    contra: frozenset[str]


def read_claims(path: Path = TABLE) -> list[Claim]:
    """Read a table of claims.

    Raises:
        StoreError: the table cannot be read, or a line of it is wrong; the message names the line.
    """
    try:
        lines = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")
        ]
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: the table of claims cannot be read: {error}.") from None
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise StoreError(
            f"{path}: a table of claims has a line of the columns {', '.join(COLUMNS)}, and claims below it."
        )
    return [_claim(path, row) for row in rows]


def _claim(path: Path, row: dict[str, str]) -> Claim:
    try:
        given = {"design": PRIMARY, "own_result": True} | json.loads(row["filter"])
        query = FindingQuery.model_validate(given)
    except (ValidationError, ValueError, TypeError) as error:
        raise StoreError(f"{path}: the filter of claim {row['claim']!r} is wrong: {error}") from None
    if len(query.type) != 1 or row["field"] not in _FIELDS.get(query.type[0], ()):
        raise StoreError(f"{path}: claim {row['claim']!r} needs one type and a field of it: {_FIELDS}.")
    sides = (frozenset(filter(None, (row[side] or "").split("|"))) for side in ("for", "against"))
    return Claim(row["claim"], row["statement"], query, row["field"], *sides)


_FIELDS = {
    "outcome": ("effect", "direction"),
    "adverse_event": ("assertion", "comparison", "transient", "serious"),
}


class Weighed(NamedTuple):
    """A claim beside the findings that bear on it, and how many bear on it but are left out, by reason."""

    claim: Claim
    rows: Sequence[Row]
    left_out: Sequence[LeftOut]


def claims(session: Session, given: FindingQuery | None = None, path: Path = TABLE) -> Answer:
    """Set every claim against the findings that bear on it.

    Raises:
        StoreError: the table of claims is wrong.
    """
    chosen = {field: getattr(given, field) for field in given.model_fields_set - {"type"}} if given else {}
    weighed = [_weigh(session, claim, chosen) for claim in read_claims(path)]
    seen = {row.id: row for one in weighed for row in one.rows}
    outside: Counter[str] = Counter()
    for one in weighed:
        outside.update({entry.reason: entry.findings for entry in one.left_out})
    lines = [_line(f"claims/{one.claim.name}", {}, one.claim, one.rows) for one in weighed]
    return Answer(
        name="claims",
        title="Claims",
        asks="What do the findings say of plain statements of the debate?",
        query=FindingQuery.model_validate({"design": PRIMARY, "own_result": True} | chosen),
        findings=len(seen),
        studies=len(studies(seen.values())),
        says=(f"{len(weighed)} statements, each against the findings that its own filter chooses.",),
        method=METHOD,
        tables=(
            _table("claims", "Statements", {}, lines),
            _table("levels", "By design", {"design": "Design"}, _levels(weighed)),
        ),
        plot=_plot(lines),
        left_out=tuple(LeftOut(findings=n, reason=reason) for reason, n in outside.items() if n),
        cautions=cautions(list(seen.values())),
        articles=articles(seen.values()),
    )


def _weigh(session: Session, claim: Claim, chosen: dict[str, Any]) -> Weighed:
    query = claim.query.model_copy(update=chosen)
    rows = gather(session, query, reads=("design", claim.field)).rows
    return Weighed(claim, rows, left_out(session, query, len(rows)))


def _levels(weighed: Sequence[Weighed]) -> list[Line]:
    """Give the lines of each claim by the design of the studies, the strongest first."""
    return [
        _line(f"levels/{one.claim.name}/{design}", {"design": design.replace("_", " ")}, one.claim, held)
        for one in weighed
        for design, held in sorted(
            by(one.rows, lambda row: row.design).items(), key=lambda pair: PRIMARY.index(pair[0])
        )
    ]


def _table(name: str, title: str, heads: dict[str, str], lines: Sequence[Line]) -> Table:
    counts = {stance: stance.capitalize() for stance in STANCES} | {
        f"{stance}_people": f"Participants {stance}" for stance in STANCES
    }
    columns = {"claim": "Statement", **heads, **counts, "verdict": "By the counts"}
    return table(name, title, columns, lines, dict.fromkeys(counts, "count"))


def stance(claim: Claim, row: Row) -> str:
    """Say whether a finding speaks for a claim, against it, or neither."""
    value = str(getattr(row, claim.field))
    return "for" if value in claim.pro else "against" if value in claim.contra else "neither"


def verdict(pro: int, contra: int, neither: int) -> str:
    """Word what the counts say, and no more.

    >>> verdict(8, 1, 2)
    'Most studies that tell speak for it: 8 of 9; 2 neither.'
    """
    told = pro + contra
    rest = f"; {neither} neither" if neither else ""
    if not told:
        return f"No study speaks for or against it{rest}."
    if told < FEW:
        return f"Too few studies to say: {pro} for, {contra} against{rest}."
    if pro / told >= MOST:
        return f"Most studies that tell speak for it: {pro} of {told}{rest}."
    if contra / told >= MOST:
        return f"Most studies that tell speak against it: {contra} of {told}{rest}."
    return f"Studies are divided: {pro} for, {contra} against{rest}."


def _line(key: str, heads: dict[str, Cell], claim: Claim, rows: Sequence[Row]) -> Line:
    said = {
        study: vote if vote in STANCES else "neither"
        for study, vote in votes(rows, lambda r: stance(claim, r)).items()
    }
    counted = {side: list(said.values()).count(side) for side in STANCES}
    people = {
        f"{side}_people": participants(row for row in rows if said[row.study] == side) for side in STANCES
    }
    words = verdict(counted["for"], counted["against"], counted["neither"])
    cells: dict[str, Cell] = {"claim": claim.statement, **heads, **counted, **people, "verdict": words}
    return Line(key=key, cells=cells, findings=ids(rows))


def _plot(lines: Sequence[Line]) -> Plot:
    points: list[Any] = [
        Point(row=str(line.cells["claim"]), series=side, studies=int(line.cells[side] or 0))
        for line in lines
        for side in STANCES
    ]
    return Plot(
        kind="bars",
        title="Studies for, against and neither",
        across="Studies (votes)",
        alt=" ".join(f"{line.cells['claim']} {line.cells['verdict']}" for line in lines),
        rows=tuple(str(line.cells["claim"]) for line in lines),
        columns=STANCES,
        points=tuple(points),
    )
