"""`ketmine db …`: the store itself."""

from typing import Annotated

import typer

from flows.settings import settings

app = typer.Typer(help="Look after the store: migrate it, back it up, restore it.", no_args_is_help=True)


@app.command()
def upgrade(
    revision: Annotated[str, typer.Option(help="Schema revision to go to, up or down.")] = "head",
) -> None:
    """Create the database or bring its schema up to date; data is kept."""
    from flows.lock import only_run
    from store.database import connect, migrate

    engine = connect(settings().database_url)
    with only_run(settings().database_url, settings().var):
        state = migrate(engine, revision)
    typer.echo(f"{engine.url.render_as_string(hide_password=True)}: schema {state.current}")
