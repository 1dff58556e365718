"""Verbs over files, which need no database: extract."""

from typing import Annotated

import typer

from flows.cli.edge import ExitCode, say, watched
from flows.settings import settings


def add_to(app: typer.Typer) -> None:
    """Register the verbs."""
    app.command()(extract)


def extract(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="PubMed XML or JSON Lines (`id`, and `text` or `title` and `abstract`), plain or gzipped; "
            "`-` is standard input.",
        ),
    ],
    output: Annotated[
        str,
        typer.Option("--output", "-o", help="Where the JSON Lines go, one for each document; `-` is stdout."),
    ],
    pipeline: Annotated[
        str | None,
        typer.Option(
            help="Pipeline: a name, or the path of a spaCy config.", show_default="KETMINE_PIPELINE"
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that read in parallel.", show_default="KETMINE_JOBS")
    ] = None,
) -> None:
    """Read a file of abstracts into a file of findings, without a database.

    One JSON object comes out for each document, in the same order; docs/finding.schema.json is its schema.
    A line that is not JSON, lacks an id or repeats one is reported with its number and gives none; the rest
    is read; the exit code is 1.
    """
    from flows.exchange import json_line, opened, read_documents, written
    from nlp.pipeline import load_pipeline, read

    complaints = 0

    def complain(message: str) -> None:
        nonlocal complaints
        complaints += 1
        say(message)

    with opened(source) as stream, written(output, source) as lines:
        nlp = load_pipeline(pipeline or settings().pipeline)
        documents = read_documents(stream, "standard input" if source == "-" else source, complain)
        for reading in watched(read(nlp, documents, jobs=jobs or settings().jobs), "Reading abstracts"):
            lines.write(json_line(reading))
    if complaints:
        raise typer.Exit(ExitCode.PARTLY)
