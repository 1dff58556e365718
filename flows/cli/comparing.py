"""`ketmine compare`: what another pipeline would gain, lose and change."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.edge import ExitCode, say, watched
from flows.settings import settings

if TYPE_CHECKING:
    from flows.compare import Comparison, Difference
    from flows.sides import Both, Side

_READER = (
    "A pipeline's name, the path of a spaCy config, or VERSION or NAME@VERSION of readings in the store."
)


def add_to(app: typer.Typer) -> None:
    """Register the verb."""
    app.command()(compare)


def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_READER)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Likewise.")],
    source: Annotated[
        str | None,
        typer.Option(
            metavar="INPUT",
            help="Read this instead of the store's articles: PubMed XML or JSON Lines, as `extract` takes it.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Compare at most N texts.")] = None,
    examples: Annotated[
        int, typer.Option(min=0, metavar="N", help="Show at most N examples of each type and kind.")
    ] = 3,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that read in parallel.", show_default="KETMINE_JOBS")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what NEW reads otherwise than OLD, by type and with quotes, before it goes live; nothing is written.

    What people look at most comes first, then the newest articles of the store. Findings of a text are paired by type,
    drug and overlap of their words; confidence and flags are not compared.
    """
    from flows.compare import compare as compared

    complaints: list[str] = []
    one, other, readings = (
        _of_file(old, new, source, limit, jobs or settings().jobs, complaints)
        if (source)
        else _of_store(old, new, limit, jobs or settings().jobs)
    )
    comparison = compared(str(one), str(other), readings, examples=examples)
    if json:
        typer.echo(comparison.model_dump_json())
    else:
        _print(comparison)
    if complaints or any(comparison.failed.values()):
        for which, number in comparison.failed.items():
            if number:
                say(f"a component of the {which} one failed on {number:,} texts: the log says which")
        raise typer.Exit(ExitCode.PARTLY)


def _of_file(
    old: str, new: str, source: str, limit: int | None, jobs: int, complaints: list[str]
) -> "tuple[Side, Side, Iterator[Both]]":
    from itertools import islice

    from flows.exchange import opened, read_documents
    from flows.sides import of_documents, side

    def complain(message: str) -> None:
        complaints.append(message)
        say(message)

    one, other = side(old), side(new)

    def readings() -> "Iterator[Both]":
        with opened(source) as stream:
            documents = read_documents(stream, "standard input" if source == "-" else source, complain)
            yield from watched(of_documents(one, other, islice(documents, limit), jobs), "Comparing")

    return one, other, readings()


def _of_store(old: str, new: str, limit: int | None, jobs: int) -> "tuple[Side, Side, Iterator[Both]]":
    from flows.sides import kept_versions, of_store, side
    from store.database import connect, require_schema

    engine = connect(settings().database_url)
    require_schema(engine)
    kept = kept_versions(engine)
    one, other = side(old, kept), side(new, kept)
    return one, other, of_store(engine, one, other, limit=limit, jobs=jobs, watch=watched)


def _print(told: "Comparison") -> None:
    from rich.console import Console
    from rich.markup import escape as plain
    from rich.table import Table

    from store.web.words import TYPES, name

    words = TYPES | {"study": "Study profile"}
    console = Console(highlight=False)
    console.print(f"old: {plain(told.old)}\nnew: {plain(told.new)}\ntexts compared: {told.texts:,}")
    if told.passed_over:
        console.print(f"passed over, since one of the two has not read them: {told.passed_over:,}")
    table = Table("", "same", "gained", "lost", "changed", "in which fields", box=None, pad_edge=False)
    for type_, tally in told.tallies.items():
        fields = ", ".join(f"{name(field)} {number:,}" for field, number in tally.fields.items())
        numbers = (tally.same, tally.gained, tally.lost, tally.changed)
        table.add_row(words[type_], *(f"{number:,}" for number in numbers), fields)
    console.print(table)
    for difference in told.examples:
        number = getattr(told.tallies[difference.type], difference.kind)
        title = f"{words[difference.type]}, {difference.kind}"
        console.print(f"\n[bold]{title}[/bold] (of {number:,}), {plain(difference.id)}")
        for line in _lines(difference):
            console.print(f"   {plain(line)}")


def _lines(difference: "Difference") -> Iterator[str]:
    from flows.report import in_a_line
    from store.web.words import name

    if difference.kind == "changed":
        for field, (was, now) in difference.fields.items():
            yield f"{name(field)}: {_value(was)} → {_value(now)}"
    finding = difference.new or difference.old
    if finding:
        yield in_a_line(finding)
    yield f"“{difference.quote}”"


def _value(value: object) -> str:
    """Write a field's value: a concept by its name, a list by its parts, a condition by its words."""
    from store.web.words import say

    if isinstance(value, dict):
        return f"{value['name']} ({value['curie']})"
    if isinstance(value, list | tuple):
        return ", ".join(say(part[0] if isinstance(part, list | tuple) else part) for part in value) or say(
            None
        )
    return say(value)
