"""The JSON beside the pages: the same rows by the same filter, problems as problem JSON."""

import csv
import io

import pytest
from sqlalchemy import Engine, insert
from starlette.testclient import TestClient

from store.database import session_scope
from store.export import COLUMNS, NOTICE
from store.tables import RunRecord

API = "/api/v1"


def test_a_finding_is_given_in_the_exchange_format_with_its_standing(client: TestClient) -> None:
    answer = client.get(f"{API}/findings?type=outcome&species=human").json()
    assert (answer["notice"], answer["total"], answer["next"]) == (NOTICE, 1, None)
    (item,) = answer["items"]
    assert item["finding"]["timepoint_hours"] == 24.0
    assert (item["status"], item["revision"], item["pmid"], item["machine"]) == (
        "pending",
        1,
        "99000101",
        None,
    )
    assert item["study"]["design"] == "randomized_trial"


def test_offsets_point_at_the_words_in_the_text_that_comes_along(client: TestClient) -> None:
    for item in client.get(f"{API}/findings?retracted=any&species=any&setting=any").json()["items"]:
        one = client.get(f"{API}/findings/{item['finding']['id']}").json()
        finding = one["item"]["finding"]
        assert one["text"][slice(*finding["anchor"])] == finding["anchor_text"]
        assert one["text"][slice(*finding["evidence"])] == finding["evidence_text"]


def test_pages_follow_by_the_address_of_the_next(client: TestClient) -> None:
    path: str | None = f"{API}/findings?limit=2&retracted=any&species=any&setting=any"
    seen: list[str] = []
    while path:
        answer = client.get(path).json()
        seen += [item["finding"]["id"] for item in answer["items"]]
        path = answer["next"]
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/findings?colour=red", 422, "There is no filter 'colour'"),
        ("/findings?drug=aspirin", 422, "one of ketamine"),
        ("/findings?year_min=long", 422, "Year from"),
        ("/findings?limit=0", 422, "a number from 1 to 200"),
        ("/findings?cursor=x", 422, "start again without one"),
        ("/findings/none", 404, "There is no finding none"),
        ("/articles/1", 404, "PMID 1 is not held"),
        ("/runs/9", 404, "There is no run 9"),
        ("/runs/nine", 422, "run_id"),
        ("/nowhere", 404, "no such page"),
    ],
)
def test_a_problem_is_problem_json(client: TestClient, path: str, status: int, words: str) -> None:
    answer = client.get(API + path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["instance"]) == (status, API + path.partition("?")[0])
    assert words in body["detail"]


def test_a_refused_value_comes_with_the_allowed_ones(client: TestClient) -> None:
    (error,) = client.get(f"{API}/findings?route=by_post").json()["errors"]
    assert error["field"] == "route"
    assert "intravenous" in error["allowed"]
    assert "drug" in client.get(f"{API}/findings?colour=red").json()["allowed"]


def test_articles_runs_and_statistics_are_given(client: TestClient) -> None:
    article = client.get(f"{API}/articles/99000103").json()
    assert article["retracted"] is True
    assert article["article"]["pmid"] == "99000103"
    assert len(article["findings"]) == 1
    (run,) = client.get(f"{API}/runs").json()
    assert run == client.get(f"{API}/runs/1").json()
    assert (run["found"], run["fetch"]["new"], run["adds_up"]) == (4, 3, True)
    assert client.get(f"{API}/statistics").json()["store"]["dose"] == 2


def test_every_version_of_an_article_and_its_study_are_given(client: TestClient) -> None:
    (version,) = client.get(f"{API}/articles/99000101/versions").json()
    assert (version["number"], version["article"]["pmid"]) == (1, "99000101")
    study = client.get(f"{API}/studies/99000101").json()
    assert (study["study"]["design"], len(study["conditions"])) == ("randomized_trial", 1)
    assert client.get(f"{API}/studies/1").status_code == 404
    assert client.get(f"{API}/articles/1/versions").status_code == 404


def test_who_holds_an_answer_is_not_sent_it_again(client: TestClient) -> None:
    tag = client.get(f"{API}/findings").headers["etag"]
    again = client.get(f"{API}/findings", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{API}/findings?limit=1", headers={"if-none-match": tag}).status_code == 200


def test_openapi_describes_every_filter(client: TestClient) -> None:
    described = client.get(f"{API}/openapi.json").json()
    named = {item["name"] for item in described["paths"]["/api/v1/findings"]["get"]["parameters"]}
    assert {"drug", "mg_per_kg_min", "text", "status", "limit", "cursor"} <= named
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    assert NOTICE in described["info"]["description"]


def test_nothing_can_be_changed_through_the_api(client: TestClient) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"{API}/findings").status_code == 405


def test_a_table_opens_in_a_spreadsheet_without_running_anything(client: TestClient) -> None:
    (header, *rows) = csv.reader(
        io.StringIO(client.get("/findings.csv?retracted=any&species=any&setting=any").text)
    )
    assert tuple(header) == COLUMNS
    assert len(rows) == 6
    assert all(not cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_the_outlook_says_what_is_left(client: TestClient) -> None:
    ahead = client.get(f"{API}/outlook").json()
    assert (ahead["left"], ahead["unread"], ahead["bookmarks"]) == ({"no_pmid": 1}, 0, [])
    assert [line["key"] for line in ahead["records"]] == ["raw:0"]
    assert [run["found"] for run in ahead["recent"]] == [client.get(f"{API}/runs/1").json()["found"]]


def test_a_request_that_takes_too_long_is_stopped_with_a_sentence(
    engine: Engine, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [{"run_id": 1, "key": f"{number}", "fetch": "unchanged"} for number in range(20_000)]
    with session_scope(engine) as session:
        session.execute(insert(RunRecord), many)
    with monkeypatch.context() as short:
        short.setattr("store.web.access.LONGEST", 0)
        answer = client.get(f"{API}/runs/1")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "took too long and was stopped: ask for less, with more filters" in answer.json()["detail"]
        assert "took too long and was stopped" in client.get("/runs/1").text
    assert client.get(f"{API}/runs/1").json()["found"] == 20_004
