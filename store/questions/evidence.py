"""The findings that a question draws on, in one query, with the study each belongs to and what was left out."""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from nlp.finding import Design
from store.curation.lane import thresholds
from store.curation.tables import LaneThreshold, StudyDecision
from store.database import rows
from store.filters import FindingQuery, clauses
from store.indexes import GROUPED
from store.questions.answer import LeftOut
from store.tables import (
    ArticleRow,
    ArticleVersion,
    Decision,
    FindingDose,
    FindingRow,
    ReadingRow,
    Run,
    Status,
    StudyCondition,
)

LOW = 0.5
"""Below this confidence a finding that no person has decided is counted, and said to be doubtful."""

UNSURE = "below the confidence from which a finding is shown without a person's word"

SYNTHESES = (Design.META_ANALYSIS, Design.SYSTEMATIC_REVIEW, Design.REVIEW)
PRIMARY = tuple(design for design in Design if design not in (*SYNTHESES, Design.PRECLINICAL))
"""Designs that report people of their own; a synthesis restates studies that have their own vote."""

ALWAYS = ("id", "pmid", "study", "sample_size", "status", "confidence")
"""The columns that every question reads; on SQLite all that any reads stand in one index (migration 0006)."""

DOSE = ("mg_per_kg_low", "mg_per_kg_high", "mg_low", "mg_high", "route", "anchor")
Regimen = namedtuple("Regimen", DOSE)  # type: ignore[misc]
"""A dose that a result is linked to."""

Row = Any
"""A finding: a plain tuple with names, ALWAYS and what its question reads; `study` is the study it votes for."""


Doses = Mapping[str, Sequence[Any]]
"""Finding → the regimens that it is linked to."""


class Evidence(NamedTuple):
    """What a question's function sees: its rows, the conditions of studies by PMID, and what can be looked up for some rows.

    `details` gives further columns of a few, by id: those that are listed one by one.
    """

    rows: Sequence[Row]
    doses: Callable[[Sequence[Row]], Doses]
    conditions: dict[str, list[str]]
    details: Callable[[Sequence[Row], Sequence[str]], Mapping[str, Row]]


def gather(
    session: Session,
    query: FindingQuery,
    *extra: ColumnElement[bool],
    reads: Sequence[str],
    with_conditions: bool = False,
) -> Evidence:
    """Read columns of the findings that fit, and the conditions of their studies where a question needs them."""
    where = [*clauses(query, thresholds(session)), *extra]
    names = (*ALWAYS, *reads)
    found = _rows(session, names, where, query)
    return Evidence(
        found,
        lambda some: _doses(session, query, where, [row.id for row in some]),
        _conditions(session, {row.pmid for row in found}) if with_conditions else {},
        lambda some, more: _details(session, [row.id for row in some], more),
    )


def _rows(
    session: Session, names: Sequence[str], where: Sequence[ColumnElement[bool]], query: FindingQuery | None
) -> list[Row]:
    wanted: Select[Any] = Select(
        *(_MADE[name] if name in _MADE else getattr(FindingRow, name) for name in names)
    )
    wanted = wanted.where(*where)
    if query:
        wanted = _by_name(wanted, query)
    named: Any = partial(tuple.__new__, namedtuple("Finding", names))
    return list(map(named, rows(session, wanted).all()))


def _details(session: Session, some: Sequence[str], more: Sequence[str]) -> dict[str, Row]:
    found = _rows(session, ("id", *more), [col(FindingRow.id).in_(some)], None)
    return {row.id: row for row in found}


_MADE: dict[str, Any] = {
    "event": case(
        (
            col(FindingRow.type) == "adverse_event",
            func.coalesce(col(FindingRow.concept_name), col(FindingRow.anchor)),
        ),
        else_=None,
    ),
    "told": case((col(FindingRow.type) == "outcome", col(FindingRow.value)), else_=col(FindingRow.rate)),
}
"""What the database makes of several columns: what an adverse event is called, and the value or rate that a result tells.

Of tens of thousands of rows, each word that no answer uses takes as long to hand over as one that it does.
"""


def _by_name(wanted: Select[Any], query: FindingQuery, otherwise: str = "") -> Select[Any]:
    """Let SQLite find an event or an instrument by its wordings, where it would rather read all findings of its type."""
    index = "ix_findings_by_named" if query.adverse_event or query.instrument else otherwise
    return wanted.with_hint(FindingRow, f"INDEXED BY {index}", "sqlite") if index else wanted


def _doses(
    session: Session, query: FindingQuery, where: Sequence[ColumnElement[bool]], some: Sequence[str]
) -> Doses:
    dose = aliased(FindingRow)
    alive = col(dose.type) == "dose", col(dose.status).not_in((Status.REJECTED, Status.SUPERSEDED))
    linked = select(col(FindingDose.finding_id), *(getattr(dose, name) for name in DOSE)).where(*alive)
    if len(some) <= FEW:
        linked = linked.join_from(FindingDose, dose, col(dose.id) == FindingDose.dose_id)
        linked = linked.where(col(FindingDose.finding_id).in_(some))
    else:
        linked = (
            linked.select_from(FindingRow)
            .join(FindingDose, col(FindingDose.finding_id) == FindingRow.id)
            .join(dose, col(dose.id) == FindingDose.dose_id)
            .where(*where)
        )
        # else SQLite begins with every dose, and opens the rows of what is linked to it
        linked = _by_name(linked, query, otherwise="ix_findings_covering")
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows(session, linked).all():
        found[row[0]].append(_regimen(row[1:]))
    return dict(found)


_regimen = partial(tuple.__new__, Regimen)

FEW = 500
"""So many findings or PMIDs are looked up one by one; of more, all are read: to look for their findings again costs more."""


def _conditions(session: Session, pmids: set[str]) -> dict[str, list[str]]:
    named = select(col(StudyCondition.pmid), col(StudyCondition.name)).where(
        col(StudyCondition.name).is_not(None)
    )
    if len(pmids) <= FEW:
        named = named.where(col(StudyCondition.pmid).in_(pmids))
    found: dict[str, list[str]] = defaultdict(list)
    for pmid, name in rows(session, named).all():
        if pmid in pmids and name not in (held := found[pmid]):
            held.append(name)
    return dict(found)


def left_out(
    session: Session, query: FindingQuery, counted: int, *extra: ColumnElement[bool]
) -> list[LeftOut]:
    """Count the findings that would fit but for what is left out, each under its first reason.

    `counted` is how many fit: what has no other reason and is not among them was not sure enough.
    """
    lifted = {
        "retracted": "any",
        "species": (),
        "setting": (),
        "design": (),
        "own_result": None,
        "lane": "any",
    }
    alive = tuple(status for status in Status if status != Status.SUPERSEDED)
    wide = query.model_copy(update={**lifted, "status": tuple({*alive, *query.status})})
    by = [getattr(FindingRow, name) for name in GROUPED]
    told = by[-6:]
    counts: dict[str, int] = {}
    fitting = clauses(wide, thresholds(session))
    # groups of all that an index holds are read off as they stand; what an event is found by does not hold the others
    grouped = told if query.adverse_event or query.instrument else by
    counted_by = select(*told, func.count()).where(*fitting, *extra).group_by(*grouped)
    counted_by = _by_name(counted_by, query)
    for *group, n in rows(session, counted_by):
        reason = _reason(query, *group)
        counts[reason or UNSURE] = counts.get(reason or UNSURE, 0) + n
    counts[UNSURE] = counts.get(UNSURE, 0) - counted
    return [
        LeftOut(findings=n, reason=reason) for reason, n in sorted(counts.items(), key=lambda pair: -pair[1])
    ]


def _reason(
    query: FindingQuery,
    own: bool,
    status: str,
    design: str | None,
    species: str | None,
    setting: str | None,
    retracted: bool,
) -> str | None:
    """Say why a finding is left out, the gravest reason first; None if it is not."""
    if query.retracted == "no" and retracted:
        return "of retracted articles"
    if query.retracted == "yes" and not retracted:
        return "of articles that are not retracted"
    if status not in query.status:
        return "rejected by a person, or of a status that was not asked for"
    if query.species and species not in query.species:
        beasts = species in ("animal", "in_vitro")
        return "in animals or cells" if beasts else "of texts whose subjects are mixed or not told"
    if query.setting and setting not in query.setting:
        return "from other settings than those asked for"
    if query.own_result is not None and own is not query.own_result:
        return "told as background, not as the study's own result"
    if query.design and design not in query.design:
        syntheses = design in SYNTHESES
        return (
            "of reviews and meta-analyses, which restate other studies" if syntheses else "of other designs"
        )
    return None


def state(session: Session) -> tuple[Any, ...]:
    """Give what differs whenever an answer may.

    That is the last run, reading, version, decision and fit of the accept lane, and what became of articles.
    """
    last = [
        select(func.max(col(table.id))).scalar_subquery()
        for table in (Run, ReadingRow, ArticleVersion, Decision, StudyDecision)
    ]
    fate = [
        select(func.count()).where(col(column)).scalar_subquery()
        for column in (ArticleRow.retracted, ArticleRow.deleted)
    ]
    fitted = select(func.max(col(LaneThreshold.fitted_at))).scalar_subquery()
    # a run that goes back to earlier readings makes none, and counts them
    counted = select(cast(Run.counts, Text)).order_by(col(Run.id).desc()).limit(1).scalar_subquery()
    return tuple(session.execute(select(*last, *fate, fitted, counted)).one())


def articles(rows: Iterable[Row]) -> tuple[str, ...]:
    """Give the PMIDs that findings were read in, each once."""
    return tuple({row.pmid: None for row in rows})


_UNDECIDED = frozenset(map(str, (Status.PENDING, Status.NEEDS_ADJUDICATION)))


def cautions(rows: Sequence[Row]) -> tuple[str, ...]:
    """Say how many of the findings counted are doubtful."""
    undecided = [row.confidence for row in rows if row.status in _UNDECIDED]
    unsure = sum(sure is None or sure < LOW for sure in undecided)
    return (
        f"{len(undecided):,} of the {len(rows):,} findings counted were decided by no person; "
        f"{unsure:,} of those have a confidence below {LOW} or none.",
    )
