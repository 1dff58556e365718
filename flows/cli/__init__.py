"""`ketmine …`: parse, call, print. One short function a verb; what is heavy is imported inside it."""

from typing import Annotated

import typer

from flows.cli import asking, comparing, curation, database, files, people, runs, service, yardsticks
from flows.cli.edge import MEANING, Edge

_EXIT_CODES = "\n\n".join(f"{code.value}  {meaning}" for code, meaning in MEANING.items())

app = typer.Typer(
    cls=Edge,
    name="ketmine",
    help="Read PubMed abstracts about ketamine and keep their doses, outcomes and adverse events as findings "
    "that people review. A research aid, read from abstracts by a machine; not medical advice.",
    epilog=f"Exit codes:\n\n{_EXIT_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(version("ketmine"))
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Take the options that stand before the verb."""
    from flows.log import start_log
    from flows.settings import settings

    ctx.obj = {"debug": debug}
    start_log(settings())


for module in (runs, files, comparing, asking, service):
    module.add_to(app)
app.add_typer(curation.app, name="curation")
yardsticks.add_to(curation.evaluate)
app.add_typer(curation.evaluate, name="evaluate")
app.add_typer(database.app, name="db")
app.add_typer(people.app, name="user")


def main() -> None:
    """Run the command line."""
    app()
