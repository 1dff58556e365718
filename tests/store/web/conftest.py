"""The real application over a real store that holds the invented articles and their readings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.articles import keep_article
from store.database import connect, migrate, session_scope
from store.findings import keep_reading
from store.runs import account, finish_run, run_id_of, start_run
from store.tables import Extraction, Fetch
from store.web.app import create_app
from tests.store.web.invented import ARTICLES, READINGS

HERE = "http://127.0.0.1:8000"


def fill(engine: Engine) -> None:
    """Keep the invented articles and their readings in one run."""
    with session_scope(engine) as session:
        run = run_id_of(start_run(session, "nightly", {"source": ["invented.xml"]}, "invented", "1"))
        for article in ARTICLES:
            keep_article(session, run, article, article.model_dump_json().encode())
            account(session, run, article.pmid, fetch=Fetch.NEW, extraction=Extraction.EXTRACTED)
            keep_reading(session, run, article.pmid, READINGS[article.pmid]())
        account(
            session,
            run,
            "raw:0",
            fetch=Fetch.UNPARSABLE,
            reason="cut in the middle <b>",
            source="invented.xml",
        )
        finish_run(session, run)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give a migrated store with the invented findings."""
    made = connect(f"sqlite:///{tmp_path}/store.db")
    migrate(made)
    fill(made)
    yield made
    made.dispose()


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """Give a client that nobody has told a name, and that sends what a browser sends from our pages."""
    with TestClient(create_app(engine), base_url=HERE, follow_redirects=False) as made:
        made.headers["origin"] = HERE
        yield made


@pytest.fixture
def ada(client: TestClient) -> TestClient:
    """Give a client that reviews as Ada."""
    client.post("/curator", data={"name": "Ada Muster"})
    return client
