"""Put rows into a store's tables fast: by COPY on PostgreSQL, by statements prepared once on SQLite."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from benchmarks.literature import Rows, plain
from store import tables as _tables  # noqa: F401 - so that the metadata knows them

AT_ONCE = 20_000
"""Rows that are held in memory at a time, whatever the size of the store."""

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
    "AND tbl_name IN ('findings', 'articles')",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
    "AND tablename IN ('findings', 'articles') AND indexdef NOT LIKE 'CREATE UNIQUE%'",
}
"""What to lay aside: name and definition of each index that keeps nothing from being there twice."""


def load(engine: Engine, rows: Rows) -> None:
    """Insert all rows, some thousand at once; then let the database count what it holds, as it does by itself in time."""
    with engine.begin() as held:
        indexes = [tuple(row) for row in held.execute(text(INDEXES[engine.dialect.name]))]
        for name, _ in indexes:
            held.exec_driver_sql(f"DROP INDEX {name}")
    connection = engine.raw_connection()
    try:
        if engine.dialect.name == "sqlite":
            # KiB, so that all indexes are at hand while they are filled
            connection.cursor().execute("PRAGMA cache_size = -600000")
            connection.cursor().execute("BEGIN")  # the store's connections begin nothing by themselves
        while some := list(islice(rows, AT_ONCE)):
            tables: dict[str, list[dict[str, Any]]] = {}
            for table, row in some:
                tables.setdefault(table, []).append(row)
            for table in sorted(tables, key=_ORDER.index):
                _put(engine, connection, table, tables[table])
        for _, definition in indexes:
            connection.cursor().execute(definition)
        connection.commit()
    finally:
        connection.close()
    if engine.dialect.name == "sqlite":
        with engine.begin() as held:
            held.exec_driver_sql("ANALYZE")
        return
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as held:
        held.exec_driver_sql("VACUUM ANALYZE")


_ORDER = [table.name for table in SQLModel.metadata.sorted_tables]


def _put(engine: Engine, connection: Any, table: str, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in SQLModel.metadata.tables[table].columns if column.name in rows[0]]
    listed = ", ".join(f'"{name}"' for name in names)
    values: Iterable[tuple[Any, ...]] = (tuple(plain(row[name]) for name in names) for row in rows)
    if engine.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in names)
        connection.cursor().executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", values)
        return
    with connection.cursor().copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)
