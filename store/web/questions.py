"""The named questions as pages, plots, tables and JSON."""

import csv
import io
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from store.export import NOTICE, guarded
from store.filters import FindingQuery
from store.queries import Item, items
from store.questions.answer import Answer, Cell, Column, Line, Table
from store.questions.claims import claims
from store.questions.registry import QUESTIONS, ask
from store.web.access import Reader, shown
from store.web.desk import row_of
from store.web.filters import address, read_query, say_filter
from store.web.held import held
from store.web.openapi import PROBLEMS, filters
from store.web.problems import Problem
from store.web.render import page
from store.web.tagged import Tagged
from store.web.words import grouped, name, number_of, say

router = APIRouter()
api = APIRouter(prefix="/api/v1/questions", tags=["v1"], route_class=Tagged, responses=PROBLEMS)

CLAIMS = "claims"

HELD = 24
"""Answers kept; one can have some megabytes."""

QUOTED = 200
"""Findings that a page of quotes shows; JSON names all."""

OWN = ("line",)
"""Parameters of these addresses that are no filters."""


@api.get("")
def questions() -> list[dict[str, str]]:
    """List the named questions."""
    return [{"name": key, "title": known.title, "asks": known.asks} for key, known in QUESTIONS.items()]


@api.get("/{key}", openapi_extra=filters())
def question_json(
    request: Request,
    session: Reader,
    key: str,
) -> Answer:
    """Answer a question, its filter narrowed by those of findings; each line names the findings it was counted from."""
    answer = _answer(request, session, key)
    shown(request, answer.articles)
    return answer


@router.get("/questions", include_in_schema=False)
def index(request: Request) -> HTMLResponse:
    """List the questions."""
    shown = [(f"/questions/{key}", known.title, known.asks) for key, known in QUESTIONS.items()]
    return page(request, "questions.html", questions=shown)


@router.get("/claims", include_in_schema=False)
def claims_page() -> RedirectResponse:
    """Lead to the claims, which are answered as questions are."""
    return RedirectResponse("/questions/claims")


@router.get("/questions/{key}.svg", include_in_schema=False)
def plot(request: Request, session: Reader, key: str) -> Response:
    """Draw a question's plot."""
    from store.plots import draw

    answer = _answer(request, session, key)
    if answer.plot is None:
        raise Problem(404, f"The question {key} has no plot.")
    named = {"Content-Disposition": f'inline; filename="ketmine-{key}.svg"'}
    return Response(draw(answer.plot), media_type="image/svg+xml", headers=named)


@router.get("/questions/{key}/{table}.csv", include_in_schema=False)
def table_csv(request: Request, session: Reader, key: str, table: str) -> Response:
    """Give a table of an answer as CSV, each line with the findings it was counted from."""
    answer = _answer(request, session, key)
    found = next((one for one in answer.tables if one.name == table), None)
    if found is None:
        raise Problem(404, f"The tables of {key} are: {', '.join(one.name for one in answer.tables)}.")
    shown(request, answer.articles)
    named = {"Content-Disposition": f'attachment; filename="ketmine-{key}-{table}.csv"'}
    return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers=named)


@router.get("/questions/{key}/quotes", include_in_schema=False)
def quotes(request: Request, session: Reader, key: str, line: str = "") -> HTMLResponse:
    """Show the findings that a line was counted from, with their sentences."""
    answer = _answer(request, session, key)
    known = next((one for table in answer.tables for one in table.lines if one.key == line), None)
    if known is None:
        raise Problem(404, f"{answer.title} has no such line any more: look at the question again.")
    found = _items(session, known.findings[:QUOTED])
    shown(request, (item.finding.pmid for item in found))
    words = ", ".join(str(cell) for cell in known.cells.values() if isinstance(cell, str) and cell != "–")
    return page(
        request,
        "quotes.html",
        title=answer.title,
        words=words,
        back=address(f"/questions/{key}", _pairs(request, "line")),
        count_words=number_of(len(known.findings), "finding"),
        cut=len(known.findings) > QUOTED,
        rows=[row_of(item) for item in found],
    )


@router.get("/questions/{key}", include_in_schema=False)
def question_page(request: Request, session: Reader, key: str) -> HTMLResponse:
    """Show a question's answer: its plot, its tables, and what it left out."""
    answer = _answer(request, session, key)
    shown(request, answer.articles)  # its plot is part of it, and does not count again
    pairs = _pairs(request)
    return page(
        request,
        "question.html",
        answer=answer,
        plot_address=address(f"/questions/{key}.svg", pairs) if answer.plot else None,
        json_address=address(f"/api/v1/questions/{key}", pairs),
        tables=[laid_out(answer, table, pairs) for table in answer.tables],
        filters=[*in_words(answer.query), *about(answer)],
        counted=f"{number_of(answer.findings, 'finding')} in {number_of(answer.studies, 'study', 'studies')}",
        left_out=[(grouped(entry.findings), entry.reason) for entry in answer.left_out],
        since=str(answer.query.since or "") if key == "new" else None,
    )


def laid_out(answer: Answer, table: Table, pairs: list[tuple[str, str]], most: int = 60) -> dict[str, Any]:
    """Put a table into what a page shows: cells in words, each line with the address of its quotes."""
    path = f"/questions/{answer.name}"
    lines = [
        {
            "cells": [(cell(line.cells.get(column.name), column), column) for column in table.columns],
            "quotes": address(f"{path}/quotes", pairs, line=line.key),
            "count": grouped(len(line.findings)),
        }
        for line in table.lines[:most]
    ]
    return {
        "title": table.title,
        "note": table.note,
        "columns": table.columns,
        "lines": lines,
        "rest": len(table.lines) - len(lines),
        "csv": address(f"{path}/{table.name}.csv", pairs),
    }


def cell(value: Cell, column: Column) -> str:
    """Write a cell as a person reads it."""
    if value is None or value == "":
        return "–"
    if column.kind == "share" and isinstance(value, int | float):
        return f"{value:.1%}".replace("%", "\u202f%")
    return grouped(value) if isinstance(value, int) and column.kind == "count" else str(value)


def as_csv(table: Table) -> str:
    """Write a table with its columns' names, and the findings of each line; cells that a spreadsheet runs are guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(column.name for column in table.columns), "findings", "notice"])
    for line in table.lines:
        cells = (_text(line, column) for column in table.columns)
        writer.writerow([*cells, " ".join(line.findings), NOTICE])
    return out.getvalue()


def _text(line: Line, column: Column) -> str:
    value = line.cells.get(column.name)
    return "" if value is None else guarded(value) if isinstance(value, str) else str(value)


def in_words(query: FindingQuery) -> list[str]:
    """Say the filters of an answer, defaults included."""
    told = []
    for field, value in query.model_dump(mode="json").items():
        values = value if isinstance(value, list) else [value]
        words = [say_filter(field, str(one)) for one in values if one is not None]
        if words:
            told.append(f"{name(field)}: {', '.join(words)}")
    return told


def about(answer: Answer) -> list[str]:
    """Say which domains of outcomes an answer is about."""
    return [f"Domains: {', '.join(map(say, answer.domains))}"] if answer.domains else []


def _answer(request: Request, session: Session, key: str) -> Answer:
    if key not in (*QUESTIONS, CLAIMS):
        raise Problem(
            404,
            f"There is no question {key[:40]!r}. The questions are: {', '.join(QUESTIONS)}, {CLAIMS}.",
            allowed=[*QUESTIONS, CLAIMS],
        )
    query = read_query(_pairs(request, *OWN))
    asked = (key, query.model_dump_json(), tuple(sorted(query.model_fields_set)))
    return held(
        request.app.state.answers,
        session,
        asked,
        HELD,
        lambda: claims(session, query) if key == CLAIMS else ask(session, key, query),
    )


def _pairs(request: Request, *without: str) -> list[tuple[str, str]]:
    return [(field, value) for field, value in request.query_params.multi_items() if field not in without]


def _items(session: Session, ids: tuple[str, ...]) -> list[Item]:
    order = {finding: number for number, finding in enumerate(ids)}
    return sorted(items(session, ids), key=lambda item: order[item.finding.id])
