"""The one typed filter of findings, and the conditions it stands for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlmodel import col

from nlp.article import Record
from nlp.finding import (
    Assertion,
    Blinding,
    Design,
    Direction,
    Drug,
    Effect,
    Route,
    Setting,
    Species,
)
from store.contains import Among, contains
from store.indexes import BY_VALUE, BY_WORDS, IF_SO
from store.scope import PSYCHIATRIC, STUDIES_OF_PEOPLE
from store.search import matching
from store.status import HIDDEN
from store.tables import FindingFlag, FindingRow, Status

FindingType = Literal["dose", "outcome", "adverse_event"]

SHOWN = tuple(status for status in Status if status not in HIDDEN)
"""What a list shows unless it is asked for others: neither rejected nor superseded."""

Thresholds = Mapping[str, float]
"""Type → the confidence from which a machine's finding needs no person to be shown; kept by `store.curation.lane`.

Of a type without one every finding is shown.
"""

DEFAULTS: Mapping[str, str] = {
    "status": "without rejected and superseded ones",
    "retracted": "without retracted articles",
    "species": "only studies of people",
    "setting": "only psychiatric use",
    "lane": "only what is accepted or sure enough",
}
"""The filters in force when nothing is asked for, in words; the value `any` lifts each."""


def _lifted(value: object) -> object:
    return () if value == "any" or (isinstance(value, tuple | list) and "any" in value) else value


Liftable = BeforeValidator(_lifted)
"""The word `any` leaves the field open, where it has a default."""

Term = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
"""Words looked for, without regard to case, anywhere in the field."""

Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Pmid = Annotated[str, Field(pattern=r"^\d{1,9}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class FindingQuery(Record):
    """Which findings: every field narrows, several values of one field widen, None and () leave it open.

    The word `any` lifts a default (DEFAULTS). `text` asks that each of its words occur in the title or the
    abstract (`store.search`); `dissoc*` is every word that begins so. Doses are compared in mg/kg or mg by
    their range: 0.1–0.5 mg/kg fits `mg_per_kg_min=0.4`. What has no value does not fit a bound.
    """

    text: Term | None = None
    pmid: tuple[Pmid, ...] = ()
    type: tuple[FindingType, ...] = ()
    drug: tuple[Drug, ...] = ()
    condition: tuple[Term, ...] = ()
    instrument: tuple[Term, ...] = ()
    domain: tuple[Term, ...] = ()
    adverse_event: tuple[Term, ...] = ()
    assertion: tuple[Assertion, ...] = ()
    serious: bool | None = None
    transient: bool | None = None
    direction: tuple[Direction, ...] = ()
    effect: tuple[Effect, ...] = ()
    comparator: tuple[Term, ...] = ()
    hours_min: Amount | None = None
    hours_max: Amount | None = None
    route: tuple[Route, ...] = ()
    mg_per_kg_min: Amount | None = None
    mg_per_kg_max: Amount | None = None
    mg_min: Amount | None = None
    mg_max: Amount | None = None
    design: tuple[Design, ...] = ()
    blinding: tuple[Blinding, ...] = ()
    species: Annotated[tuple[Species, ...], Liftable] = STUDIES_OF_PEOPLE
    setting: Annotated[tuple[Setting, ...], Liftable] = PSYCHIATRIC
    sample_size_min: Count | None = None
    sample_size_max: Count | None = None
    year_min: Count | None = None
    year_max: Count | None = None
    status: Annotated[tuple[Status, ...], Liftable] = SHOWN
    lane: Literal["accept", "any"] = "accept"
    retracted: Literal["no", "yes", "any"] = "no"
    own_result: bool | None = None
    since: date | None = None
    confidence_min: Share | None = None
    confidence_max: Share | None = None
    flagged: bool | None = None
    flag: tuple[Term, ...] = ()
    attention: bool | None = None


EVERYTHING: Mapping[str, Any] = {
    "status": (),
    "retracted": "any",
    "species": (),
    "setting": (),
    "lane": "any",
}
"""What lifts every default: `FindingQuery(**EVERYTHING)` is the whole store."""


def defaults_on(query: FindingQuery, accept_at: Thresholds) -> dict[str, str]:
    """Give the defaults that a filter has in force, in words: {field: words}."""
    return {
        field: words
        for field, words in DEFAULTS.items()
        if getattr(query, field) == FindingQuery.model_fields[field].default
        and (field != "lane" or accept_at)
    }


def clauses(query: FindingQuery, accept_at: Thresholds) -> list[ColumnElement[bool]]:
    """Turn a filter into conditions on FindingRow alone, which repeats what is asked for of articles and studies.

    What a list shows unless it is asked for more is written as the indexes of `store.tables` are: most of them are
    of such findings alone.
    """
    found: list[ColumnElement[bool]] = []
    if shows_usual(query):
        found += [col(FindingRow.in_scope).is_(True), _not_hidden()]
        query = query.model_copy(update={"species": (), "setting": (), "retracted": "any"})
        if set(query.status) == set(SHOWN):
            query = query.model_copy(update={"status": ()})
    found += _plain(query)
    if query.retracted != "any":
        found.append(col(FindingRow.retracted).is_(query.retracted == "yes"))
    if query.lane == "accept" and accept_at:
        found.append(_sure_enough(accept_at))
    if query.since:
        found.append(col(FindingRow.created_at) >= datetime.combine(query.since, time.min, UTC))
    for field, (looked_through, kind) in _WORDS.items():
        terms = getattr(query, field)
        if terms:
            found += [col(FindingRow.type) == kind] if kind else []
            found.append(_says(looked_through, terms))
    if query.flag:
        coded = col(FindingFlag.finding_id) == col(FindingRow.id), col(FindingFlag.code).in_(query.flag)
        found += [col(FindingRow.flagged).is_(True), exists().where(*coded)]
    if query.text:
        found.append(matching(col(FindingRow.version_id), query.text))
    return found


def shows_usual(query: FindingQuery) -> bool:
    """Say whether a filter asks for nothing beyond what a list shows by its defaults."""
    scope = (query.species, query.setting, query.retracted) == (STUDIES_OF_PEOPLE, PSYCHIATRIC, "no")
    return scope and bool(query.status) and set(query.status) <= set(SHOWN)


def index_of(query: FindingQuery) -> str | None:
    """Name the index that tells how many fit of what a list shows by its defaults; None leaves it to the database.

    One filter has an index of its own; several, or one without, are looked through in the narrow index of all that a list
    shows. SQLite would rather open wide rows: it does not know how few values a range or some words hold.
    """
    if not shows_usual(query):
        return None
    narrowed = narrowed_by(query)
    if not narrowed:
        return "ix_findings_by_type"
    name = narrowed.pop()
    if not narrowed and (own := _own_index(query, name)):
        return own
    return None if {name, *narrowed} & _LOOKED_UP else "ix_findings_listed"


def narrowed_by(query: FindingQuery) -> set[str]:
    """Name what a query asks beyond what a list shows by its defaults, as the indexes name it."""
    return {
        _INDEXED.get(field, field)
        for field in query.model_fields_set - _ALONGSIDE
        if getattr(query, field) not in (None, ())
    }


def _own_index(query: FindingQuery, name: str) -> str | None:
    """Name the index of one filter's values alone, if there is one."""
    if name == "text":
        return "ix_findings_version"
    if name in IF_SO:
        column, value = IF_SO[name]
        return None if getattr(query, column) is (not value) else f"ix_findings_if_{name}"
    return f"ix_findings_by_{name}" if name in (*BY_VALUE, *BY_WORDS) else None


_ALONGSIDE = {"type", "species", "setting", "retracted", "lane"}
"""Filters that need no index of their own beside another's."""

_LOOKED_UP = {"text", "pmid", *BY_WORDS}
"""What the narrow index does not hold."""

_INDEXED = {
    **{
        f"{name}_{end}": name
        for name in ("mg_per_kg", "mg", "hours", "sample_size", "year", "confidence")
        for end in ("min", "max")
    },
    **{"condition": "about", "adverse_event": "named", "instrument": "named", "since": "created"},
    **{"flag": "flagged", "own_result": "background"},
}
"""Filter → the index of its values, where that has another name."""


def _not_hidden() -> ColumnElement[bool]:
    # written into the statement: neither database proves from a parameter that a partial index holds the rows
    return col(FindingRow.status).not_in(
        bindparam("hidden", HIDDEN, expanding=True, literal_execute=True, unique=True)
    )


def _plain(query: FindingQuery) -> list[ColumnElement[bool]]:
    """Give the conditions on single columns."""
    found: list[ColumnElement[bool]] = []
    for field, column in (*ONE_OF.items(), *_YES_OR_NO.items(), *_AT_LEAST.items(), *_AT_MOST.items()):
        value = getattr(query, field)
        if value is None or value == ():
            continue
        if field == "status" and set(value) == set(SHOWN):
            found.append(_not_hidden())
        elif field in ONE_OF:
            found.append(column.in_([str(one) for one in value]))
        elif field in _YES_OR_NO:
            found.append(column.is_(value))
        else:
            found.append(column >= value if field in _AT_LEAST else column <= value)
    return found


def _sure_enough(accept_at: Thresholds) -> ColumnElement[bool]:
    """Say that a person accepted the finding, or that the machine is as sure as its type asks."""
    decided = col(FindingRow.status).in_([Status.ACCEPTED, Status.CORRECTED])
    unbound = col(FindingRow.type).not_in(list(accept_at))
    sure = (
        and_(col(FindingRow.type) == kind, col(FindingRow.confidence) >= least)
        for kind, least in accept_at.items()
    )
    return or_(decided, unbound, *sure)


_WORDINGS = sql_table("wordings", sql_column("field"), sql_column("said"))
"""The distinct values of the columns that are looked through for words; the database keeps it (migration 0009)."""


def _says(looked_through: Any, terms: Sequence[str]) -> ColumnElement[bool]:
    """Say that a column holds the words of one of the terms: its value is one of the wordings that do."""
    said = _WORDINGS.c.said
    held = or_(*(contains(said, term) for term in terms))
    return Among(looked_through, select(said).where(_WORDINGS.c.field == looked_through.key, held))


ONE_OF: dict[str, Any] = {
    "pmid": col(FindingRow.pmid),
    "type": col(FindingRow.type),
    "drug": col(FindingRow.drug),
    "assertion": col(FindingRow.assertion),
    "direction": col(FindingRow.direction),
    "effect": col(FindingRow.effect),
    "route": col(FindingRow.route),
    "status": col(FindingRow.status),
    "design": col(FindingRow.design),
    "blinding": col(FindingRow.blinding),
    "species": col(FindingRow.species),
    "setting": col(FindingRow.setting),
}
_YES_OR_NO: dict[str, Any] = {
    "serious": col(FindingRow.serious),
    "transient": col(FindingRow.transient),
    "own_result": col(FindingRow.own_result),
    "flagged": col(FindingRow.flagged),
    "attention": col(FindingRow.attention),
}
_AT_LEAST: dict[str, Any] = {
    "hours_min": col(FindingRow.timepoint_hours),
    "mg_per_kg_min": col(FindingRow.mg_per_kg_high),
    "mg_min": col(FindingRow.mg_high),
    "sample_size_min": col(FindingRow.sample_size),
    "year_min": col(FindingRow.year),
    "confidence_min": col(FindingRow.confidence),
}
_AT_MOST: dict[str, Any] = {
    "hours_max": col(FindingRow.timepoint_hours),
    "mg_per_kg_max": col(FindingRow.mg_per_kg_low),
    "mg_max": col(FindingRow.mg_low),
    "sample_size_max": col(FindingRow.sample_size),
    "year_max": col(FindingRow.year),
    "confidence_max": col(FindingRow.confidence),
}
_WORDS: dict[str, tuple[Any, str | None]] = {
    "adverse_event": (col(FindingRow.named), "adverse_event"),
    "instrument": (col(FindingRow.named), "outcome"),
    "domain": (col(FindingRow.domain), None),
    "comparator": (col(FindingRow.comparator), None),
    "condition": (col(FindingRow.about), None),
}
"""Filter → the column that is looked through for its words, and the type of finding it is a filter of."""
