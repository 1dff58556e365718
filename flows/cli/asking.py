"""Verbs that ask the store: query, ask and export."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flows.cli.filters import filtered
from flows.settings import settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from store.filters import FindingQuery
    from store.queries import Item
    from store.questions.answer import Answer


def add_to(app: typer.Typer) -> None:
    """Register the verbs."""
    app.command("query")(filtered(query))
    app.command("ask")(filtered(ask))
    app.command("export")(filtered(export))
    app.command("snapshot")(filtered(snapshot))


def query(
    wanted: "FindingQuery",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Findings to show.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a page ended: its `next`.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object: total, findings, next.")
    ] = False,
) -> None:
    """Show the findings that fit all filters, with their sentence and article, the newest first."""
    from store.asked import note_once
    from store.curation.lane import thresholds
    from store.database import session_scope
    from store.export import exported
    from store.filters import defaults_on
    from store.queries import find

    with session_scope(_store(), writes=False) as session:
        page = find(session, wanted, limit=limit, cursor=cursor)
        if json:
            from json import dumps

            found = [exported(item).model_dump(mode="json") for item in page.items]
            told = {
                "total": page.total,
                "defaults": defaults_on(wanted, thresholds(session)),
                "findings": found,
                "next": page.next,
            }
            typer.echo(dumps(told, ensure_ascii=False))
        else:
            for item in page.items:
                _show(item)
            rest = f"; more: --cursor {page.next}" if page.next else ""
            typer.echo(
                f"{len(page.items)} of {'more than ' if page.more else ''}{page.total:,} findings{rest}",
                err=True,
            )
            _say_defaults(wanted)
    note_once(settings().database_url, {item.finding.pmid for item in page.items})


def ask(
    wanted: "FindingQuery",
    name: Annotated[
        str | None, typer.Argument(help="The question, or `claims`; without one, all are listed.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; each line names its findings.")
    ] = False,
    table: Annotated[
        Path | None, typer.Option(help="For `claims`: a table of your own, like store/questions/claims.tsv.")
    ] = None,
    svg: Annotated[str | None, typer.Option(help="Write the plot into this file.")] = None,
) -> None:
    """Answer a named question over all findings that fit, and say what the answer leaves out."""
    from store.asked import note_once
    from store.database import session_scope
    from store.questions.claims import TABLE, claims
    from store.questions.registry import QUESTIONS
    from store.questions.registry import ask as answered

    if name is None:
        for key, known in QUESTIONS.items():
            typer.echo(f"{key:16}{known.asks}")
        typer.echo(f"{'claims':16}What do the findings say of plain statements of the debate?")
        return
    with session_scope(_store(), writes=False) as session:
        answer = (
            claims(session, wanted, table or TABLE) if name == "claims" else answered(session, name, wanted)
        )
    if svg and answer.plot:
        from store.plots import draw

        Path(svg).write_text(draw(answer.plot), encoding="utf-8")
    typer.echo(answer.model_dump_json()) if json else _tell(answer)
    note_once(settings().database_url, answer.articles)


def _tell(answer: "Answer", most: int = 20) -> None:
    """Print an answer as text: what it says, its tables, and what it leaves out."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    typer.echo(f"{answer.asks}\n" + "\n".join(answer.says))
    console = Console(width=None if sys.stdout.isatty() else 2000)
    for held in answer.tables:
        if not held.lines:
            continue
        drawn = Table(title=held.title, title_justify="left", caption_justify="left")
        for column in held.columns:
            drawn.add_column(
                column.words, justify="left" if column.kind == "text" else "right", overflow="fold"
            )
        for line in held.lines[:most]:
            cells = [line.cells.get(column.name) for column in held.columns]
            drawn.add_row(*("–" if value is None else Text(str(value)) for value in cells))
        console.print(drawn)
        if len(held.lines) > most:
            typer.echo(f"{len(held.lines) - most:,} more lines: --json")
    typer.echo("Left out:" if answer.left_out else "Nothing is left out.")
    for entry in answer.left_out:
        typer.echo(f"  {entry.findings:,} findings {entry.reason}")
    typer.echo("\n".join((*answer.cautions, answer.method)))
    typer.echo(answer.notice, err=True)


def export(
    wanted: "FindingQuery",
    output: Annotated[str, typer.Option("--output", "-o", help="Where to; `-` is stdout.")] = "-",
    form: Annotated[
        Literal["jsonl", "csv", "parquet", "bioc.json", "ris", "bib", "fhir.json"],
        typer.Option(
            "--format", help="JSON Lines in the exchange format, a table, references, BioC or FHIR R5."
        ),
    ] = "jsonl",
) -> None:
    """Write all findings that fit into a file for other tools."""
    from flows.exchange import written
    from store.asked import note_once
    from store.database import session_scope
    from store.export import write
    from store.queries import articles

    with session_scope(_store(), writes=False) as session, written(output) as file:
        for piece in write(session, wanted, form):
            file.write(piece)
        found = articles(session, wanted)
    note_once(settings().database_url, found)
    _say_defaults(wanted)


def snapshot(
    wanted: "FindingQuery",
    output: Annotated[str, typer.Option("--output", "-o", help="The archive.")] = "ketmine-snapshot.zip",
) -> None:
    """Write a citable archive: data, dictionary, query, versions, checksums; the same content, the same archive."""
    from importlib.metadata import version
    from pathlib import Path

    from store.asked import note_once
    from store.database import schema_state, session_scope
    from store.queries import articles
    from store.snapshot import snapshot as make

    engine = _store()
    versions = {"ketmine": version("ketmine"), "schema": str(schema_state(engine).current)}
    with session_scope(engine, writes=False) as session:
        digest = make(session, wanted, Path(output), versions)
        found = articles(session, wanted)
    note_once(settings().database_url, found)
    typer.echo(f"{digest}  {output}")
    _say_defaults(wanted)


def _say_defaults(wanted: "FindingQuery") -> None:
    """Tell people which filters are on without being asked for, and what lifts each."""
    from store.curation.lane import thresholds
    from store.database import session_scope
    from store.filters import defaults_on

    with session_scope(_store(), writes=False) as session:
        accept_at = thresholds(session)
    on = [f"{words} (--{field} any)" for field, words in defaults_on(wanted, accept_at).items()]
    if on:
        typer.echo(f"By default: {'; '.join(on)}. The option in brackets lifts it.", err=True)


def _store() -> "Engine":
    from store.database import connect, require_schema

    engine = connect(settings().database_url)
    require_schema(engine)
    return engine


def _show(item: "Item") -> None:
    from store.export import value_that_counts
    from store.web.words import TYPES, line, say

    finding = value_that_counts(item.finding)
    told = line(finding)
    what = " ".join(part for part in (told.subject, told.claim) if part)
    claim = "; ".join([f"{TYPES[finding.type]} of {finding.drug}: {what}", *told.details])
    place = [
        f"PMID {item.article.pmid}",
        str(item.article.year or ""),
        say(item.study.design) if item.study else "",
    ]
    flags = "".join(f"\n  flagged: {flag.reason}" for flag in item.flags)
    typer.echo(
        f"{claim}\n  “{finding.evidence_text}”\n  {', '.join(filter(None, place))}; {item.finding.status}; "
        f"{'' if item.finding.confidence is None else f'confidence {item.finding.confidence:.2f}; '}"
        f"{item.finding.id}{flags}\n"
    )
