"""What findings are about and whose they are: lists of concepts, studies and articles, by the same filter."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import case, func, literal, select, tuple_, union_all
from sqlmodel import Session, col

from nlp.article import Record
from store.curation.lane import thresholds
from store.filters import FindingQuery, clauses
from store.tables import ArticleRow, FindingRow, StudyCondition

KINDS: Final[dict[str, tuple[Any, Any]]] = {
    "adverse_event": (col(FindingRow.concept_curie), col(FindingRow.concept_name)),
    "condition": (col(FindingRow.condition_curie), col(FindingRow.condition_name)),
    "instrument": (col(FindingRow.instrument_curie), col(FindingRow.instrument_name)),
    "drug": (col(FindingRow.drug_curie), col(FindingRow.drug_name)),
    "study_condition": (col(StudyCondition.curie), col(StudyCondition.name)),
}
"""Kinds of concept → the columns of their CURIE and name; `condition` is an outcome's own, `study_condition` its study's."""


class Concept(Record):
    """A concept, how many findings name it (of a study's condition: come from such studies), and of how many studies."""

    kind: Literal["drug", "adverse_event", "condition", "instrument", "study_condition"]
    curie: str
    name: str | None
    findings: int
    studies: int


class Study(Record):
    """A study with its papers; the counts are of the findings that fit, sizes and design as its papers tell at most."""

    study: str
    pmids: tuple[str, ...]
    design: str | None
    species: str | None
    setting: str | None
    sample_size: int | None
    conditions: tuple[str, ...]
    dose: int
    outcome: int
    adverse_event: int


TOLD = ("design", "species", "setting", "sample_size")
"""What the papers of a study tell of it."""
TYPES = ("dose", "outcome", "adverse_event")
"""Types of finding that are counted."""


def concepts(
    session: Session,
    query: FindingQuery,
    kinds: Sequence[str] = tuple(KINDS),
    *,
    limit: int = 50,
    after: tuple[str, str] | None = None,
) -> list[Concept]:
    """List the concepts of the findings that fit, by kind and CURIE, those that come after (kind, CURIE)."""
    fitting = clauses(query, thresholds(session))
    counts = (
        func.count(col(FindingRow.id)).label("findings"),
        func.count(col(FindingRow.study).distinct()).label("studies"),
    )
    parts = []
    for kind in kinds:
        curie, name = KINDS[kind]
        wanted = select(
            literal(kind).label("kind"), curie.label("curie"), func.min(name).label("name"), *counts
        )
        if kind == "study_condition":
            wanted = wanted.join_from(
                FindingRow, StudyCondition, col(StudyCondition.pmid) == col(FindingRow.pmid)
            )
        parts.append(wanted.where(*fitting, curie.is_not(None)).group_by(curie))
    found = union_all(*parts).subquery()
    listed = select(found).order_by(found.c.kind, found.c.curie).limit(limit)
    if after:
        listed = listed.where(tuple_(found.c.kind, found.c.curie) > tuple_(*map(literal, after)))
    return [Concept(**row) for row in session.execute(listed).mappings()]


def studies(
    session: Session, query: FindingQuery, *, limit: int = 50, after: str | None = None
) -> list[Study]:
    """List the studies of the findings that fit, by their name, those that come after one."""
    types = [func.sum(case((col(FindingRow.type) == kind, 1), else_=0)).label(kind) for kind in TYPES]
    told = [func.max(getattr(FindingRow, field)).label(field) for field in TOLD]
    wanted = select(col(FindingRow.study), *told, *types).where(
        *clauses(query, thresholds(session)), col(FindingRow.study).is_not(None)
    )
    if after:
        wanted = wanted.where(col(FindingRow.study) > after)
    ordered = wanted.group_by(col(FindingRow.study)).order_by(col(FindingRow.study)).limit(limit)
    rows = session.execute(ordered).all()
    papers = _papers(session, [row[0] for row in rows])
    about = _about(session, [pmid for pmids in papers.values() for pmid in pmids])
    return [_study(row, papers.get(row[0], []), about) for row in rows]


def _study(row: Any, pmids: Sequence[str], about: dict[str, list[str]]) -> Study:
    conditions = {name for pmid in pmids for name in about.get(pmid, ())}
    return Study(pmids=tuple(pmids), conditions=tuple(sorted(conditions)), **row._mapping)


def articles(
    session: Session, query: FindingQuery, *, limit: int = 50, after: str | None = None
) -> list[tuple[ArticleRow, int]]:
    """List the articles of the findings that fit, by PMID as text, with how many fit, those that come after one."""
    counted = select(col(FindingRow.pmid), func.count().label("n")).where(
        *clauses(query, thresholds(session))
    )
    if after:
        counted = counted.where(col(FindingRow.pmid) > after)
    found = counted.group_by(col(FindingRow.pmid)).order_by(col(FindingRow.pmid)).limit(limit).subquery()
    listed = select(ArticleRow, found.c.n).join(found, found.c.pmid == col(ArticleRow.pmid))
    return [(row[0], row[1]) for row in session.execute(listed.order_by(col(ArticleRow.pmid)))]


def _papers(session: Session, names: Sequence[str]) -> dict[str, list[str]]:
    held = select(col(ArticleRow.study), col(ArticleRow.pmid)).where(col(ArticleRow.study).in_(names))
    found: dict[str, list[str]] = {}
    for study, pmid in session.execute(held.order_by(col(ArticleRow.pmid))):
        found.setdefault(study, []).append(pmid)
    return found


def _about(session: Session, pmids: Sequence[str]) -> dict[str, list[str]]:
    named = select(
        col(StudyCondition.pmid), func.coalesce(col(StudyCondition.name), col(StudyCondition.text))
    )
    found: dict[str, list[str]] = {}
    for pmid, name in session.execute(named.where(col(StudyCondition.pmid).in_(pmids))):
        found.setdefault(pmid, []).append(name)
    return found
