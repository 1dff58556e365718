"""A copy of one migrated SQLite store for each of many rows of the truth tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.database import connect, migrate


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a migrated store that nobody writes to."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    made = connect(f"sqlite:///{path}")
    migrate(made)
    with made.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return path


@pytest.fixture
def engine(template: Path, tmp_path: Path) -> Iterator[Engine]:
    """Give a new migrated store on SQLite."""
    shutil.copy(template, tmp_path / "store.db")
    made = connect(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.dispose()
