"""The real application over a real store that holds the invented articles and their readings."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.articles import keep_article
from store.database import connect, session_scope
from store.findings import keep_reading
from store.people.accounts import add_user, lookup
from store.people.logins import admit
from store.people.rights import Role
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


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """Give the file of a store with the invented findings that nobody writes to."""
    path = tmp_path_factory.mktemp("filled") / "store.db"
    shutil.copy(migrated, path)
    made = connect(f"sqlite:///{path}")
    fill(made)
    made.dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, filled: Path) -> Iterator[Engine]:
    """Give a store with the invented findings."""
    shutil.copy(filled, tmp_path / "store.db")
    made = connect(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.dispose()


def enter(engine: Engine, client: TestClient, name: str, role: Role) -> TestClient:
    """Log a client in as a person of a role, who is added where there is none of the name."""
    with session_scope(engine) as session:
        user = lookup(session, name) or add_user(session, name, role, subject=f"test|{name}")[0]
        client.cookies.set("ketmine", admit(session, user, None, "test"))
    return client


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """Give a client that nobody has logged in, and that sends what a browser sends from our pages."""
    with TestClient(create_app(engine), base_url=HERE, follow_redirects=False) as made:
        made.headers["origin"] = HERE
        yield made


@pytest.fixture
def ada(engine: Engine, client: TestClient) -> TestClient:
    """Give a client that is logged in as Ada, a curator."""
    return enter(engine, client, "Ada Muster", Role.CURATOR)
