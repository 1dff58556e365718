"""The answers of the server count the articles that they show, and say nothing of who asked."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from store.asked import Tally
from store.database import session_scope
from store.tables import Asked, FindingRow
from store.web.app import create_app
from tests.store.web.conftest import HERE

PMID = "99000101"


@pytest.fixture
def tally(engine: Engine) -> Tally:
    """Count what answers show; nothing is written until it is asked to."""
    return Tally(engine, every=3600)


@pytest.fixture
def asking(engine: Engine, tally: Tally) -> TestClient:
    """A reader of a server that counts."""
    return TestClient(create_app(engine, asked=tally), base_url=HERE)


def counted(engine: Engine, tally: Tally) -> dict[str, int]:
    """Write, and give the counts of the store."""
    tally.write()
    with session_scope(engine, writes=False) as session:
        return {row.pmid: row.times for row in session.exec(select(Asked))}


@pytest.mark.parametrize("path", ["/articles/{}", "/api/v1/articles/{}", "/api/v1/studies/{}"])
def test_an_article_that_is_opened_is_counted(
    asking: TestClient, engine: Engine, tally: Tally, path: str
) -> None:
    assert asking.get(path.format(PMID)).status_code == 200
    assert asking.get(path.format(PMID)).status_code == 200
    assert asking.get(path.format("1")).status_code == 404
    assert counted(engine, tally) == {PMID: 2}


@pytest.mark.parametrize("path", ["/findings/{}", "/api/v1/findings/{}"])
def test_a_finding_counts_for_its_article(
    asking: TestClient, engine: Engine, tally: Tally, path: str
) -> None:
    with session_scope(engine, writes=False) as session:
        finding = session.exec(select(FindingRow).where(FindingRow.pmid == PMID)).first()
    assert finding is not None
    assert asking.get(path.format(finding.id)).status_code == 200
    assert counted(engine, tally) == {PMID: 1}


@pytest.mark.parametrize(
    "path", ["/findings?species=any&setting=any", "/api/v1/findings?species=any&setting=any"]
)
def test_a_list_counts_each_article_once(asking: TestClient, engine: Engine, tally: Tally, path: str) -> None:
    assert asking.get(path).status_code == 200
    found = counted(engine, tally)
    assert len(found) > 1
    assert set(found.values()) == {1}


def test_an_answer_does_not_wait_for_a_store_that_somebody_writes_to(
    asking: TestClient, engine: Engine, tally: Tally
) -> None:
    with session_scope(engine) as writer:
        writer.connection()
        assert asking.get(f"/articles/{PMID}").status_code == 200
    assert counted(engine, tally) == {PMID: 1}
