"""`ketmine db …`: the store itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.settings import settings
from nlp.errors import KetmineError

if TYPE_CHECKING:
    from store.backup import Backup

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

app = typer.Typer(help="Look after the store: migrate it, back it up, restore it.", no_args_is_help=True)


@app.command()
def upgrade(
    revision: Annotated[str, typer.Option(help="Schema revision to go to, up or down.")] = "head",
    json: Json = False,
) -> None:
    """Create the database or bring its schema up to date; data is kept."""
    from alembic.util import CommandError

    from flows.lock import only_run
    from store.database import connect, migrate

    engine = connect(settings().database_url)
    with only_run(settings().database_url, settings().var):
        try:
            state = migrate(engine, revision)
        except CommandError as error:
            raise KetmineError(f"Cannot bring the schema to {revision!r}: {error}.") from None
    where = engine.url.render_as_string(hide_password=True)
    if json:
        _dump({"database": where, "revision": state.current})
    else:
        typer.echo(f"{where}: schema {state.current}")


@app.command()
def backup(
    output: Annotated[
        Path, typer.Argument(metavar="ARCHIVE", help="File to write; it gets its name when it is whole.")
    ],
    json: Json = False,
) -> None:
    """Write the whole store, decisions included, into one archive that either database takes back."""
    from store.backup import backup as write_archive
    from store.database import connect

    _tell(write_archive(connect(settings().database_url), output), f"{output} holds", json)


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="What `ketmine db backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what the store holds.")
    ] = False,
    json: Json = False,
) -> None:
    """Put an archive's rows into the store: all of them, or nothing."""
    from flows.lock import only_run
    from store.backup import restore as read_archive
    from store.database import connect

    with only_run(settings().database_url, settings().var):
        held = read_archive(archive, connect(settings().database_url), replace=replace)
    _tell(held, "the store now holds", json)


def _tell(held: "Backup", what: str, json: bool) -> None:
    if json:
        _dump(held._asdict())
        return
    rows = ", ".join(
        f"{held.rows.get(name, 0):,} {name}" for name in ("articles", "findings", "decisions", "runs")
    )
    typer.echo(f"{what} {rows} (schema {held.revision}, made {held.made_at})")


def _dump(told: dict[str, Any]) -> None:
    from json import dumps

    typer.echo(dumps(told))
