"""The invented literature is filled into a new store of either database, indexes included."""

from sqlalchemy import Engine, inspect

from benchmarks.bulk import load
from benchmarks.literature import literature
from store.database import session_scope
from store.filters import EVERYTHING, FindingQuery
from store.queries import count
from tests.store.conftest import on_each  # noqa: F401 - a fixture

ARTICLES = 20


def test_a_store_is_filled_and_has_the_indexes_that_it_had(on_each: Engine) -> None:  # noqa: F811
    before = {index["name"] for index in inspect(on_each).get_indexes("findings")}
    load(on_each, literature(ARTICLES))
    assert {index["name"] for index in inspect(on_each).get_indexes("findings")} == before
    with session_scope(on_each, writes=False) as session:
        assert count(session, FindingQuery(**EVERYTHING)) == ARTICLES * 5
