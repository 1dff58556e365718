"""`ketmine evaluate bc5cdr-linking` and the other yardsticks: the pipeline on public corpora, from their files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from flows.settings import settings

TOLD = {
    "bc5cdr-linking": "Link the disease mentions of BC5CDR's test split to MeSH.",
    "psynamic-dosage": "Find the doses of PsyNamic's validation split in the texts that name ketamine.",
}
"""A yardstick of nlp.yardsticks → what its command's help says."""


def add_to(evaluate: typer.Typer) -> None:
    """Register a command for each yardstick."""
    for name, told in TOLD.items():
        evaluate.command(name, help=f"{told}\n\nThe README sets the figures beside published ones.")(
            _measuring(name)
        )


def _measuring(name: str) -> Callable[..., None]:
    def measured(
        corpus: Annotated[
            Path,
            typer.Argument(
                metavar="CORPUS",
                help="The corpus: JSON Lines with `split`, `text` and `entities`, plain or gzipped.",
            ),
        ],
        pipeline: Annotated[
            str | None,
            typer.Option(
                help="Pipeline: a name, or the path of a spaCy config.", show_default="KETMINE_PIPELINE"
            ),
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        from json import dumps

        from nlp.yardsticks import measure

        figures = measure(name, corpus, pipeline or settings().pipeline)
        if json:
            typer.echo(dumps(figures))
        else:
            for figure, value in figures.items():
                typer.echo(f"{figure:20}{value}")

    return measured
