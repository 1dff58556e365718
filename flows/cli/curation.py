"""`ketmine curation …` and `ketmine evaluate …`: what people decided, counted, learned from and held against the reader."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.settings import settings

if TYPE_CHECKING:
    from pydantic import BaseModel
    from sqlmodel import Session

    from store.web.figures import Table

app = typer.Typer(help="Count what people decided, and learn from it.", no_args_is_help=True)
evaluate = typer.Typer(help="Hold the extractor against what people settled.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def _store(*, writes: bool = False) -> "Iterator[Session]":
    from store.database import connect, require_schema, session_scope

    engine = connect(settings().database_url)
    require_schema(engine)
    with session_scope(engine, writes=writes) as session:
        yield session


@app.callback()
def _curation() -> None:
    """Count what people decided, and learn from it."""


@evaluate.callback()
def _evaluate() -> None:
    """Hold the extractor against what people settled."""


@app.command()
def numbers(json: Json = False) -> None:
    """Show the numbers at a glance: what waits and why, decisions a day, agreement, the accept lane, coverage."""
    from store.curation.numbers import numbers as counted
    from store.web.figures import glance

    _tell(counted, glance, json)


@app.command()
def agreement(json: Json = False) -> None:
    """Show how blind pairs agree, by field, type and pair: kappa, alpha with its interval, F1 of the words."""
    from store.curation.agreement import agreement as measured
    from store.web.figures import agreed

    _tell(measured, agreed, json)


@app.command("yield")
def outlook(json: Json = False) -> None:
    """Show how many errors the next fifty reviews are expected to put right."""
    from store.curation.outlook import outlook as ahead
    from store.web.figures import ahead_tables

    _tell(ahead, ahead_tables, json)


@evaluate.command("reviewed")
def evaluate_reviewed(json: Json = False) -> None:
    """Hold what the newest readings say against what people settled, by week, type and field, with drift."""
    from store.curation.evaluation import evaluate_reviewed as evaluated
    from store.web.figures import read_well

    _tell(evaluated, read_well, json)


@app.command()
def refit(
    precision: Annotated[
        float, typer.Option(min=0.5, max=1, help="Precision at the core that a lane is opened for.")
    ] = 0.95,
    begin: Annotated[
        bool,
        typer.Option(
            "--begin",
            help="Where decisions are too few, take the thresholds measured on annotated abstracts with the default pipeline.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Fit the accept lane's thresholds to the decisions, and draw the next audit."""
    from store.curation.lane import LEAST
    from store.curation.lane import refit as fitted
    from store.curation.numbers import lane_records

    with _store(writes=True) as session:
        fitted(session, precision, begin=begin)
        lanes = lane_records(session)
    if json:
        from json import dumps

        typer.echo(dumps([lane.model_dump(mode="json") for lane in lanes]))
        return
    for lane in lanes:
        open_ = "closed" if lane.threshold is None else f"from confidence {lane.threshold:.3f}"
        known = "nothing of its audit is decided yet"
        if lane.precision is not None:
            known = f"right in the audit {lane.precision:.1%} of {lane.audited} (95 % {lane.low:.1%} to {lane.high:.1%})"
        source = f"fitted to {lane.decided:,} decisions"
        if lane.threshold is not None and lane.decided < LEAST:
            source = f"measured on annotated abstracts, with {lane.decided:,} decisions"
        typer.echo(f"{lane.type}: {open_}, {source}; {known}")


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for train and test files.")],
) -> None:
    """Write settled abstracts as training data and a frozen test split: gold format and spaCy DocBin."""
    from flows.training_data import write_training_data
    from store.curation.training import abstracts

    with _store() as session:
        told = write_training_data(output, abstracts(session))
    for side, count in told.abstracts.items():
        typer.echo(f"{output / side}.jsonl, .spacy: {count:,} abstracts, {told.findings[side]:,} findings")


def _tell(
    ask: "Callable[[Session], BaseModel]", tables: "Callable[[Any], list[Table]]", as_json: bool
) -> None:
    with _store() as session:
        found = ask(session)
    if as_json:
        typer.echo(found.model_dump_json())
        return
    from rich.console import Console
    from rich.table import Table as Drawn

    console = Console(width=None if typer.get_text_stream("stdout").isatty() else 2000)
    for held in tables(found):
        typer.echo(f"\n{held.title}")
        if not held.rows:
            typer.echo(held.nothing)
            continue
        drawn = Drawn(*held.heads, caption=held.note, caption_justify="left")
        for row in held.rows:
            drawn.add_row(*row)
        console.print(drawn)
