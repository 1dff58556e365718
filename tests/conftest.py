"""What tests of every part share: one PostgreSQL a session, and a migrated store to copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import connect, migrate
from tests.store.postgres import serving


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server of our own on a socket, with a migrated template; skip where there is none."""
    with serving() as url:
        template = connect(url.format(name="template"))
        migrate(template)
        template.dispose()
        yield url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a migrated SQLite store that nobody writes to: copied in a millisecond."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    made = connect(f"sqlite:///{path}")
    migrate(made)
    made.dispose()
    return path
