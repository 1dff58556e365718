"""`ketmine evaluate bc5cdr-linking` and the other yardsticks: the pipeline on public corpora, from their files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from flows.settings import settings

TOLD = {
    "bc5cdr-linking": "Link the disease mentions of BC5CDR's test split to MeSH.",
    "evidence-inference": "Say of given outcomes in given sentences of Evidence Inference's development split whether they rose, "
    "fell or did not differ.",
    "psynamic-dosage": "Find the doses of PsyNamic's validation split in the texts that name ketamine.",
}
"""A yardstick of the shipped pipeline → what its command's help says."""

TRAINED = {
    "ade": "Find drugs, adverse effects and their relation in the ADE sentences that the split keeps for testing.",
    "phee": "Find drugs, dosages, routes and effects in PHEE's test split.",
}
"""A yardstick that needs a training of its own → what its command's help says."""

Corpus = Annotated[
    Path,
    typer.Argument(
        metavar="CORPUS", help="The corpus: JSON Lines, plain or gzipped, with `split` and its labels."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(evaluate: typer.Typer) -> None:
    """Register a command for each yardstick."""
    for told, made in ((TOLD, _measuring), (TRAINED, _training)):
        for name, words in told.items():
            evaluate.command(name, help=f"{words}\n\nThe README sets the figures beside published ones.")(
                made(name)
            )


def _measuring(name: str) -> Callable[..., None]:
    def measured(
        corpus: Corpus,
        pipeline: Annotated[
            str | None,
            typer.Option(
                help="Pipeline: a name, or the path of a spaCy config.", show_default="KETMINE_PIPELINE"
            ),
        ] = None,
        json: Json = False,
    ) -> None:
        from nlp.yardsticks import measure

        _tell(measure(name, corpus, pipeline or settings().pipeline), json)

    return measured


def _training(name: str) -> Callable[..., None]:
    def measured(
        corpus: Corpus,
        trained: Annotated[
            Path | None,
            typer.Option(
                file_okay=False,
                help="Folder of the weights. Where it holds none they are trained on the corpus' training part, about eight "
                "minutes of one core, and kept there; that needs the extra `train`.",
                show_default=f"yardsticks/{name} in KETMINE_VAR",
            ),
        ] = None,
        json: Json = False,
    ) -> None:
        from nlp.yardsticks.reports import score

        _tell(score(name, corpus, trained or settings().var / "yardsticks" / name), json)

    return measured


def _tell(figures: Mapping[str, int | float], as_json: bool) -> None:
    if as_json:
        from json import dumps

        typer.echo(dumps(figures))
    else:
        for figure, value in figures.items():
            typer.echo(f"{figure:26}{value}")
