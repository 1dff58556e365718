"""What tests of every part share: one PostgreSQL a session."""

from collections.abc import Iterator

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
