"""Verbs over files, which need no database: extract, train."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.edge import ExitCode, say, watched
from flows.settings import settings


def add_to(app: typer.Typer) -> None:
    """Register the verbs."""
    app.command()(extract)
    app.command()(train)


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

    A line that is not JSON, lacks an id or repeats one is reported with its number and passed over; the exit code is then 1.
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


def train(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="TRAIN.jsonl",
            exists=True,
            dir_okay=False,
            help="Annotated abstracts, in the exchange format.",
        ),
    ],
    corpora: Annotated[
        Path,
        typer.Argument(
            exists=True, file_okay=False, help="The folder of the public corpora, one .jsonl.gz each."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder of the model.")] = Path("nlp/models/tagger"),
    measured: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The set that will measure the model: refused if it is in the training data.",
        ),
    ] = None,
    work: Annotated[
        Path, typer.Option(file_okay=False, help="Where trained stages are kept, so that none is made twice.")
    ] = Path(".cache/tagger"),
) -> None:
    """Make the tagger's weights anew: about two hours on one core. Needs the extra `train`."""
    from nlp.errors import PipelineError

    try:
        from nlp.training.make_tagger import main
    except ImportError as error:
        raise PipelineError(
            f"training needs {error.name}, which is not installed: pip install 'ketmine[train]'"
        ) from error
    main(gold, corpora, out, measured, work)
