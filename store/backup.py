"""A backup: every row of every table, decisions included, in one archive that either database can take back.

The archive is a zip of one JSON Lines file a table and a manifest with the schema's revision and the counts. It
is read in one transaction, so that it is one moment of the store.
"""

import base64
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Date,
    Engine,
    Insert,
    LargeBinary,
    Table,
    column,
    func,
    insert,
    select,
    text,
)
from sqlalchemy import table as sql_table
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from nlp.errors import StoreError
from store.database import migrate, now, require_schema, schema_state, session_scope
from store.tables import UtcDateTime

MANIFEST = "manifest.json"
ROWS = 1000
"""Rows that are read or written at a time."""


class Backup(NamedTuple):
    """What an archive holds: the schema's revision, when it was made, and rows by table."""

    revision: str
    made_at: str
    rows: dict[str, int]


def backup(engine: Engine, path: Path) -> Backup:
    """Write an archive of the store; it gets its name when it is whole.

    Raises:
        StoreError: the database cannot be read, or the archive not be written.
    """
    require_schema(engine)
    part = path.with_name(path.name + ".part")
    rows: dict[str, int] = {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive,
            session_scope(engine, writes=False) as session,
        ):
            connection = session.connection()
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            for table in SQLModel.metadata.sorted_tables:
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                    rows[table.name] = 0
                    for line in _lines(connection, table):
                        file.write(line)
                        rows[table.name] += 1
            made = Backup(str(schema_state(engine).current), now().isoformat(), rows)
            archive.writestr(MANIFEST, json.dumps(made._asdict(), indent=2))
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise StoreError(
            f"The backup {path} cannot be written: {error.strerror}. Nothing of it is kept."
        ) from None
    return made


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    kept = [column for column in table.columns if column.computed is None]
    rows = connection.execution_options(yield_per=ROWS).execute(
        select(*kept).order_by(*table.primary_key.columns)
    )
    for row in rows.mappings():
        yield json.dumps(dict(row), default=_plain, ensure_ascii=False).encode() + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be backed up")


def restore(path: Path, engine: Engine, *, replace: bool = False) -> Backup:
    """Put an archive's rows into a store: all of them, or nothing.

    The schema is brought to the archive's revision, filled, and brought up to date.

    Raises:
        StoreError: the archive is none, is damaged or newer than this version; or the store holds something and
            `replace` is not set.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            held = Backup(**json.loads(archive.read(MANIFEST)))
            damaged = archive.testzip()
            if damaged:
                raise StoreError(f"The backup {path} is damaged in {damaged}: nothing was restored.")
            _refuse_if_full(engine, replace)
            _empty_schema(engine, path, held.revision)
            with session_scope(engine) as session:
                for table in SQLModel.metadata.sorted_tables:
                    if table.name not in held.rows:
                        continue  # the archive is older than the table
                    _fill(session.connection(), table, archive, held.rows)
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path} is no backup of ketmine that can be read: {error}.") from None
    migrate(engine)
    return held


def _refuse_if_full(engine: Engine, replace: bool) -> None:
    if schema_state(engine).current is None or replace:
        return
    with engine.connect() as connection:
        held = connection.execute(
            select(func.count()).select_from(SQLModel.metadata.tables["articles"])
        ).scalar_one()
    if held:
        raise StoreError(
            f"The store {engine.url.render_as_string(hide_password=True)} holds {held} articles: back it up, then restore "
            "with --replace, or name another database."
        )


def _empty_schema(engine: Engine, path: Path, revision: str) -> None:
    if schema_state(engine).current is not None:
        migrate(engine, "base")
    try:
        migrate(engine, revision)
    except Exception as error:
        raise StoreError(
            f"The backup {path} is of schema {revision}, which this version does not know: {error}"
        ) from error


def _fill(connection: Connection, table: Table, archive: zipfile.ZipFile, rows: dict[str, int]) -> None:
    if table.name not in rows:
        return  # the archive is older than the table
    written = 0
    with archive.open(f"{table.name}.jsonl") as file:
        batch: list[dict[str, Any]] = []
        for line in file:
            batch.append(_typed(table, json.loads(line)))
            if len(batch) == ROWS:
                connection.execute(_into(table, batch), batch)
                written, batch = written + len(batch), []
        if batch:
            connection.execute(_into(table, batch), batch)
            written += len(batch)
    if written != rows[table.name]:
        raise StoreError(f"The backup promises {rows[table.name]} rows of {table.name} and holds {written}.")
    if (
        connection.dialect.name == "postgresql"
        and "id" in table.columns
        and table.columns["id"].autoincrement is True
    ):
        following = (
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"  # noqa: S608
        )
        connection.execute(text(following))


def _into(table: Table, batch: list[dict[str, Any]]) -> Insert:
    """Insert what the rows have: an archive of an older schema lacks the columns that its migration adds."""
    columns = (column(name, table.columns[name].type) for name in batch[0])
    return insert(sql_table(table.name, *columns))


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.columns[name].type, value) for name, value in row.items()}


def _value(kind: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value["base64"])
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
