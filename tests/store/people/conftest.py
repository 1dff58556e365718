"""Only SQLite for the many rows of the truth tables: what they say does not depend on the database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.database import connect


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """Give a new migrated store on SQLite."""
    shutil.copy(migrated, tmp_path / "store.db")
    made = connect(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.dispose()
