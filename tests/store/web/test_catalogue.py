"""Lists of concepts and studies, numbers of a filter, and passages of a search, for programs."""

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col
from starlette.testclient import TestClient

from store.database import session_scope
from store.tables import FindingRow, StudyCondition

API = "/api/v1"
EVERYTHING = "retracted=any&species=any&setting=any"


@pytest.fixture(autouse=True)
def named(engine: Engine) -> None:
    """Give some findings and a study the concepts that a reading would."""
    with session_scope(engine) as session:
        for anchor, kind, curie in (
            ("Dissociation", "concept", "HP:0032940"),
            ("suicide attempt", "concept", "MESH:D013406"),
            ("MADRS score", "instrument", "ketmine.instrument:MADRS"),
        ):
            values = {f"{kind}_curie": curie, f"{kind}_name": anchor}
            session.execute(update(FindingRow).where(col(FindingRow.anchor) == anchor).values(**values))
        session.execute(update(StudyCondition).values(curie="MESH:D003866", name="Depressive Disorder"))


def test_studies_are_listed_with_their_papers_and_what_they_found(client: TestClient) -> None:
    (study,) = client.get(f"{API}/studies").json()["items"]
    assert (study["pmids"], study["design"], study["sample_size"]) == (["99000101"], "randomized_trial", 72)
    assert (study["dose"], study["outcome"], study["adverse_event"]) == (1, 1, 2)
    assert len(client.get(f"{API}/studies?{EVERYTHING}").json()["items"]) == 3
    assert client.get(f"{API}/studies?drug=arketamine").json() == {"next": None, "items": []}


def test_articles_are_listed_with_how_many_of_their_findings_fit(client: TestClient) -> None:
    (article,) = client.get(f"{API}/articles?type=adverse_event").json()["items"]
    assert (article["pmid"], article["findings"], article["retracted"]) == ("99000101", 2, False)
    listed = client.get(f"{API}/articles?{EVERYTHING}").json()["items"]
    assert [one["pmid"] for one in listed] == ["99000101", "99000102", "99000103"]


WORDS = ("text", "condition", "instrument", "domain", "adverse_event", "comparator", "flag")
HOSTILE = (
    "'; DROP TABLE findings; --",
    '" OR ""="',
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%' ESCAPE '/' OR 1=1 --",
    "\\",
    "{{ 77 * 77 }}",
)


@pytest.mark.parametrize("field", WORDS)
def test_whatever_is_written_into_a_field_is_data(client: TestClient, field: str) -> None:
    for words in HOSTILE:
        for path in ("findings", "studies", "questions/adverse-events"):
            answer = client.get(f"{API}/{path}", params={field: words, "species": "any", "setting": "any"})
            assert answer.status_code == 200, (path, words)
            assert answer.json().get("items", []) == [], (path, words)
    assert client.get(f"{API}/statistics").json()["store"]["dose"] == 2


@pytest.mark.parametrize("path", ["articles", "studies", "findings", "questions"])
def test_a_path_in_an_address_is_data(client: TestClient, path: str) -> None:
    assert client.get(f"{API}/{path}/..%2f..%2fetc%2fpasswd").status_code == 404
    assert client.get(f"{API}/{path}/%27%20OR%201=1").status_code == 404


@pytest.mark.parametrize("name", ["studies", "concepts", "articles"])
def test_pages_of_a_list_follow_by_the_address_of_the_next(client: TestClient, name: str) -> None:
    whole = client.get(f"{API}/{name}?{EVERYTHING}").json()["items"]
    path, seen = f"{API}/{name}?{EVERYTHING}&limit=1", []
    while path:
        page = client.get(path).json()
        seen += page["items"]
        path = page["next"]
    assert seen == whole
    assert client.get(f"{API}/{name}?cursor=%00").status_code == 422


def test_concepts_are_counted_by_findings_and_studies(client: TestClient) -> None:
    found = client.get(f"{API}/concepts").json()["items"]
    assert [(one["kind"], one["curie"], one["findings"], one["studies"]) for one in found] == [
        ("adverse_event", "HP:0032940", 1, 1),
        ("adverse_event", "MESH:D013406", 1, 1),
        ("instrument", "ketmine.instrument:MADRS", 1, 1),
        ("study_condition", "MESH:D003866", 4, 1),
    ]
    assert client.get(f"{API}/concepts?kind=instrument").json()["items"] == found[2:3]
    refused = client.get(f"{API}/concepts?kind=colour")
    assert (refused.status_code, refused.json()["allowed"][0]) == (422, "adverse_event")


def test_statistics_count_the_store_and_what_a_filter_gives(client: TestClient) -> None:
    told = client.get(f"{API}/statistics?type=adverse_event").json()
    assert (told["store"]["articles"], told["findings"], told["studies"]) == (3, 2, 1)
    assert {"value": "adverse_event", "findings": 2} in told["values"]["type"]
    assert set(told["defaults"]) == {"status", "retracted", "species", "setting"}


@pytest.mark.parametrize(
    "path", ["studies", "concepts", "statistics", "questions", "questions/onset", "runs"]
)
def test_who_holds_an_answer_is_not_sent_it_again(client: TestClient, path: str) -> None:
    tag = client.get(f"{API}/{path}").headers["etag"]
    assert client.get(f"{API}/{path}", headers={"if-none-match": tag}).status_code == 304


def test_a_search_gives_passages_with_all_but_its_marks_escaped(client: TestClient) -> None:
    answer = client.get(f"{API}/findings?text=levels&{EVERYTHING}").json()
    (key,) = {item["finding"]["id"] for item in answer["items"]}
    passage = answer["highlights"][key]
    assert "<mark>levels</mark>" in passage
    assert set(passage.replace("<mark>", "").replace("</mark>", "")) & set("<>") == set()
    page = client.get(f"/findings?text=levels&{EVERYTHING}").text
    assert "<mark>levels</mark>" in page
    assert "<script>window" not in page
    assert client.get(f"{API}/findings").json()["highlights"] == {}


def test_a_foreign_host_is_told_so_in_problem_json(client: TestClient) -> None:
    answer = client.get(f"{API}/findings", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
