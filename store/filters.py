"""The one typed filter of findings, and the conditions it stands for."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from sqlalchemy import ColumnElement, and_, case, or_
from sqlmodel import col, select

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
from store.contains import contains
from store.scope import PSYCHIATRIC, STUDIES_OF_PEOPLE
from store.search import matching
from store.tables import FindingFlag, FindingRow, Status, StudyCondition, StudyRow

FindingType = Literal["dose", "outcome", "adverse_event"]

SHOWN = (Status.PENDING, Status.ACCEPTED, Status.CORRECTED, Status.NEEDS_ADJUDICATION)
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
    """Turn a filter into conditions on FindingRow alone, which repeats what is asked for most of articles and studies.

    The rest is looked up there by PMID, so that counting joins nothing.
    """
    of_finding = _plain(query, FindingRow)
    usual = (query.species, query.setting, query.retracted) == (STUDIES_OF_PEOPLE, PSYCHIATRIC, "no")
    if usual:
        of_finding.append(col(FindingRow.in_scope).is_(True))
        query = query.model_copy(update={"species": (), "setting": (), "retracted": "any"})
    of_study = _plain(query, StudyRow)
    if of_study:
        of_finding.append(col(FindingRow.pmid).in_(select(StudyRow.pmid).where(*of_study)))
    if query.retracted != "any":
        of_finding.append(col(FindingRow.retracted).is_(query.retracted == "yes"))
    if query.lane == "accept" and accept_at:
        of_finding.append(_sure_enough(accept_at))
    if query.since:
        of_finding.append(col(FindingRow.created_at) >= datetime.combine(query.since, time.min, UTC))
    for field, columns in _TERMS.items():
        terms = getattr(query, field)
        if terms:
            of_finding.append(or_(*(contains(column, term) for term in terms for column in columns)))
    if query.condition:
        of_finding.append(or_(*map(_about, query.condition)))
    if query.flag:
        flagged = select(FindingFlag.finding_id).where(col(FindingFlag.code).in_(query.flag))
        of_finding.append(col(FindingRow.id).in_(flagged))
    if query.text:
        of_finding.append(matching(col(FindingRow.version_id), query.text))
    return of_finding


def _plain(query: FindingQuery, table: type) -> list[ColumnElement[bool]]:
    """Give the conditions on one table's own columns."""
    found: list[ColumnElement[bool]] = []
    for field, column in (*ONE_OF.items(), *_YES_OR_NO.items(), *_AT_LEAST.items(), *_AT_MOST.items()):
        value = getattr(query, field)
        if value is None or value == () or column.class_ is not table:
            continue
        if field == "status" and set(value) == set(SHOWN):
            # as what it leaves out, so that no planner takes an index of statuses for nearly all rows
            found.append(column.not_in([status for status in Status if status not in SHOWN]))
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


def _about(term: str) -> ColumnElement[bool]:
    """Say that the study, or the outcome itself, is about a condition."""
    told = (StudyCondition.text, StudyCondition.name, StudyCondition.curie)
    studied = select(StudyCondition.pmid).where(or_(*(contains(col(column), term) for column in told)))
    measured = (FindingRow.condition_name, FindingRow.condition_curie)
    return or_(col(FindingRow.pmid).in_(studied), *(contains(col(column), term) for column in measured))


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
    "blinding": col(StudyRow.blinding),
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
_TERMS: dict[str, tuple[Any, ...]] = {
    "adverse_event": (
        # an outcome's anchor is an endpoint: only adverse events are looked through for their words
        case((col(FindingRow.type) == "adverse_event", col(FindingRow.anchor)), else_=None),
        col(FindingRow.concept_name),
        col(FindingRow.concept_curie),
    ),
    "instrument": (
        case((col(FindingRow.type) == "outcome", col(FindingRow.anchor)), else_=None),
        col(FindingRow.instrument_name),
        col(FindingRow.instrument_curie),
    ),
    "domain": (col(FindingRow.domain),),
    "comparator": (col(FindingRow.comparator),),
}
