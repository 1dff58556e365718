"""Lists of concepts, studies and articles for programs, and the numbers of what a filter gives."""

from typing import Any

from fastapi import APIRouter, Request

from nlp.article import Record
from store import catalogue, queries
from store.curation.lane import thresholds
from store.filters import FindingQuery, defaults_on
from store.web.access import Reader
from store.web.filters import Pairs, address, limit_of, read_query
from store.web.openapi import PAGING, PROBLEMS, filters
from store.web.problems import Problem
from store.web.tagged import Tagged

router = APIRouter(prefix="/api/v1", tags=["v1"], route_class=Tagged, responses=PROBLEMS)

KIND = {
    "name": "kind",
    "in": "query",
    "schema": {"type": "array", "items": {"type": "string", "enum": list(catalogue.KINDS)}},
    "description": "Kind of concept; without one, all.",
    "example": ["adverse_event"],
}


class ConceptPage(Record):
    """Some of the concepts; `next` is the address of the following ones."""

    next: str | None
    items: tuple[catalogue.Concept, ...]


class StudyPage(Record):
    """Some of the studies; `next` is the address of the following ones."""

    next: str | None
    items: tuple[catalogue.Study, ...]


class ArticleLine(Record):
    """An article as a list has it; `findings` of it fit the filter. `/articles/{pmid}` gives it whole."""

    pmid: str
    title: str
    journal: str | None
    year: int | None
    doi: str | None
    registry_number: str | None
    study: str | None
    retracted: bool
    deleted: bool
    findings: int


class ArticlePage(Record):
    """Some of the articles; `next` is the address of the following ones."""

    next: str | None
    items: tuple[ArticleLine, ...]


class Count(Record):
    """A value of a filter, and how many findings it would give beside the other filters."""

    value: str
    findings: int


class StatisticsRecord(Record):
    """The store as a whole, and what a filter gives of it; `values` counts each value of each filter."""

    store: dict[str, int]
    query: FindingQuery
    defaults: dict[str, str]
    findings: int
    studies: int
    values: dict[str, tuple[Count, ...]]


@router.get("/concepts", openapi_extra=filters(KIND, *PAGING))
def concepts(request: Request, session: Reader) -> ConceptPage:
    """List the concepts that the findings that fit are about, by kind and CURIE."""
    pairs = request.query_params.multi_items()
    kinds = [value for field, value in pairs if field == "kind"]
    wrong = sorted(set(kinds) - set(catalogue.KINDS))
    if wrong:
        allowed = list(catalogue.KINDS)
        raise Problem(
            422, f"kind: {wrong[0][:60]!r} does not fit: one of {', '.join(allowed)}.", allowed=allowed
        )
    kind, _, curie = dict(pairs).get("cursor", "").partition(" ")
    found = catalogue.concepts(
        session,
        read_query([pair for pair in pairs if pair[0] != "kind"]),
        [name for name in catalogue.KINDS if not kinds or name in kinds],
        limit=limit_of(pairs) + 1,
        after=_cursor(kind, curie) if kind else None,
    )
    shown = found[: limit_of(pairs)]
    onward = f"{shown[-1].kind} {shown[-1].curie}" if len(found) > len(shown) else None
    return ConceptPage(next=_next(request, pairs, onward), items=tuple(shown))


def _cursor(*parts: str) -> Any:
    if not all(parts) or any("\0" in part for part in parts):
        raise Problem(422, "The cursor is none of this list's: start again without one.")
    return parts if len(parts) > 1 else parts[0]


@router.get("/studies", openapi_extra=filters(*PAGING))
def studies(request: Request, session: Reader) -> StudyPage:
    """List the studies of the findings that fit, by name; papers of one work or registered trial are one study."""
    pairs = request.query_params.multi_items()
    after = dict(pairs).get("cursor") or None
    limit = limit_of(pairs)
    found = catalogue.studies(
        session, read_query(pairs), limit=limit + 1, after=_cursor(after) if after else None
    )
    onward = found[limit - 1].study if len(found) > limit else None
    return StudyPage(next=_next(request, pairs, onward), items=tuple(found[:limit]))


@router.get("/articles", openapi_extra=filters(*PAGING))
def articles(request: Request, session: Reader) -> ArticlePage:
    """List the articles of the findings that fit, by PMID."""
    pairs = request.query_params.multi_items()
    after = dict(pairs).get("cursor") or None
    limit = limit_of(pairs)
    found = catalogue.articles(
        session, read_query(pairs), limit=limit + 1, after=_cursor(after) if after else None
    )
    onward = found[limit - 1][0].pmid if len(found) > limit else None
    told = [field for field in ArticleLine.model_fields if field != "findings"]
    items = tuple(
        ArticleLine(findings=n, **{field: getattr(row, field) for field in told}) for row, n in found[:limit]
    )
    return ArticlePage(next=_next(request, pairs, onward), items=items)


def _next(request: Request, pairs: Pairs, cursor: str | None) -> str | None:
    return address(request.url.path, pairs, cursor=cursor) if cursor else None


@router.get("/statistics", openapi_extra=filters())
def statistics(request: Request, session: Reader) -> StatisticsRecord:
    """Count the store, and what the filter gives: findings, studies, and what each value of a filter would give."""
    query = read_query(request.query_params.multi_items())
    return StatisticsRecord(
        store=queries.totals(session),
        query=query,
        defaults=defaults_on(query, thresholds(session)),
        findings=queries.count(session, query),
        studies=queries.trials(session, query),
        values={
            field: tuple(Count(value=str(value), findings=n) for value, n in counted)
            for field, counted in queries.facets(session, query).items()
        },
    )
