"""The answers of the server count the articles that they show, and say nothing of who asked."""

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from store.asked import Tally
from store.database import session_scope
from store.export import FORMATS
from store.tables import Asked, FindingRow
from store.web.app import create_app
from tests.store.web.conftest import HERE

PMID = "99000101"

SOME = {"type": "adverse_event", "species": "any", "setting": "any"}
"""A filter that some of the articles fit."""


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


def behind(engine: Engine, ids: Iterable[str]) -> dict[str, int]:
    """Give once each article that findings were read in."""
    with session_scope(engine, writes=False) as session:
        held = session.exec(select(FindingRow.pmid).where(col(FindingRow.id).in_(list(ids))))
        return dict.fromkeys(held, 1)


def findings_of(answer: dict[str, Any]) -> set[str]:
    """Give the ids that the lines of an answer name."""
    return {key for table in answer["tables"] for line in table["lines"] for key in line["findings"]}


@pytest.mark.parametrize("name", ["adverse-events", "claims"])
def test_a_question_counts_each_article_that_it_draws_on_once(
    asking: TestClient, engine: Engine, tally: Tally, name: str
) -> None:
    answer = asking.get(f"/api/v1/questions/{name}").json()
    drawn_on = behind(engine, findings_of(answer))
    assert drawn_on
    assert "articles" not in answer
    assert counted(engine, tally) == drawn_on
    assert asking.get(f"/questions/{name}").status_code == 200
    assert asking.get(f"/questions/{name}.svg").status_code == 200  # part of the page
    assert counted(engine, tally) == dict.fromkeys(drawn_on, 2)
    table = answer["tables"][0]["name"]
    assert asking.get(f"/questions/{name}/{table}.csv").status_code == 200
    assert counted(engine, tally) == dict.fromkeys(drawn_on, 3)


def test_the_quotes_of_a_line_count_their_own_articles(
    asking: TestClient, engine: Engine, tally: Tally
) -> None:
    answer = asking.get("/api/v1/questions/adverse-events").json()
    whole = counted(engine, tally)
    line = answer["tables"][0]["lines"][0]
    assert asking.get("/questions/adverse-events/quotes", params={"line": line["key"]}).status_code == 200
    quoted = behind(engine, line["findings"])
    assert quoted
    assert counted(engine, tally) == {pmid: n + quoted.get(pmid, 0) for pmid, n in whole.items()}


@pytest.mark.parametrize("ending", FORMATS)
def test_an_export_counts_each_article_in_it_once(
    asking: TestClient, engine: Engine, tally: Tally, ending: str
) -> None:
    listed = asking.get("/api/v1/findings", params={**SOME, "limit": 200}).json()
    assert listed["next"] is None
    whole = counted(engine, tally)
    assert whole
    assert asking.get(f"/findings.{ending}", params=SOME).status_code == 200
    assert counted(engine, tally) == dict.fromkeys(whole, 2)


def test_an_answer_does_not_wait_for_a_store_that_somebody_writes_to(
    asking: TestClient, engine: Engine, tally: Tally
) -> None:
    with session_scope(engine) as writer:
        writer.connection()
        assert asking.get(f"/articles/{PMID}").status_code == 200
    assert counted(engine, tally) == {PMID: 1}
