"""The questions on pages, as plots, CSV and JSON: each figure leads to its quotes."""

import csv
import io
import re
import threading
from html import unescape
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from store.export import NOTICE
from store.questions.answer import Line, table
from store.questions.registry import QUESTIONS
from store.web.questions import as_csv


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_a_page_a_plot_and_json(client: TestClient, name: str) -> None:
    page = client.get(f"/questions/{name}")
    assert page.status_code == 200
    assert QUESTIONS[name].asks in unescape(page.text)
    assert "What this leaves out, and how it counts" in page.text
    answer = client.get(f"/api/v1/questions/{name}").json()
    assert answer["plot"]["alt"]
    assert unescape(re.search(r'<img src="[^"]+" alt="([^"]+)"', page.text)[1]).endswith(
        answer["plot"]["alt"]
    )
    drawn = client.get(f"/questions/{name}.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in drawn.headers["content-security-policy"]
    assert ElementTree.fromstring(drawn.text).tag.endswith("svg")


def test_the_index_lists_them_all(client: TestClient) -> None:
    page = client.get("/questions").text
    assert all(f'href="/questions/{name}"' in page for name in QUESTIONS)
    assert [known["name"] for known in client.get("/api/v1/questions").json()] == list(QUESTIONS)


def test_a_figure_leads_to_the_sentences_it_was_counted_from(client: TestClient) -> None:
    page = client.get("/questions/adverse-events").text
    address = unescape(
        re.search(r'href="(/questions/adverse-events/quotes\?line=terms%2Fdissociation)"', page)[1]
    )
    quotes = client.get(address).text
    assert "Dissociation</mark> occurred in 17 of 36 patients" in quotes
    assert "1 finding" in quotes
    assert client.get("/questions/adverse-events/quotes?line=terms/nothing").status_code == 404


def test_a_table_is_saved_with_its_findings(client: TestClient) -> None:
    saved = client.get("/questions/adverse-events/terms.csv")
    lines = list(csv.DictReader(io.StringIO(saved.text)))
    dissociation = next(line for line in lines if line["event"] == "dissociation")
    assert (dissociation["events"], dissociation["people"], dissociation["transient"]) == ("17", "36", "1")
    assert client.get(f"/api/v1/findings/{dissociation['findings']}").status_code == 200
    assert {line["notice"] for line in lines} == {NOTICE}
    assert client.get("/questions/adverse-events/nothing.csv").status_code == 404


def test_a_cell_that_a_spreadsheet_would_run_is_guarded() -> None:
    line = Line(key="a", cells={"what": "=cmd()"}, findings=())
    assert "'=cmd()" in as_csv(table("t", "T", {"what": "What"}, [line]))


def test_the_filters_of_findings_narrow_a_question(client: TestClient) -> None:
    every = client.get("/api/v1/questions/adverse-events").json()
    narrowed = client.get("/api/v1/questions/adverse-events?serious=true").json()
    assert 0 < narrowed["findings"] < every["findings"]
    assert client.get("/questions/adverse-events?serious=true").text.count("serious=true") > 2


@pytest.mark.parametrize(
    "address",
    ["/questions/onset?nonsense=1", "/questions/onset?drug=aspirin", "/questions/new?since=tomorrow"],
)
def test_an_unknown_filter_or_value_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 422
    assert client.get(f"/api/v1{address}").status_code == 422


def test_an_unknown_question_names_the_known(client: TestClient) -> None:
    assert client.get("/questions/everything").status_code == 404
    assert client.get("/api/v1/questions/everything").json()["allowed"] == [*QUESTIONS, "claims"]


def test_words_of_an_abstract_are_text_on_a_page_and_in_a_plot(client: TestClient) -> None:
    wide = "species=animal&design=preclinical&setting=preclinical&domain="
    for path in ("/questions/head-to-head", "/questions/head-to-head.svg"):
        assert "<script>window" not in client.get(f"{path}?{wide}").text


def test_plots_can_be_drawn_at_once(client: TestClient) -> None:
    drawn: list[int] = []
    threads = [
        threading.Thread(
            target=lambda name=name: drawn.append(client.get(f"/questions/{name}.svg").status_code)
        )
        for name in list(QUESTIONS)[:6]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == [200] * 6


def test_claims_are_a_page_with_verdicts_and_quotes(client: TestClient) -> None:
    assert client.get("/claims").headers["location"] == "/questions/claims"
    page = client.get("/questions/claims").text
    assert "Dissociation is seen under treatment." in page
    assert "Too few studies to say: 1 for, 0 against." in page
    quotes = client.get("/questions/claims/quotes?line=claims/dissociation-seen").text
    assert "occurred in 17 of 36 patients" in quotes
    assert client.get("/questions/claims.svg").status_code == 200


def test_an_answer_is_new_as_soon_as_a_person_decides(ada: TestClient) -> None:
    before = ada.get("/api/v1/questions/adverse-events").json()
    key = before["tables"][0]["lines"][0]["findings"][0]
    assert ada.post(f"/findings/{key}/reject", data={"seen": "1", "reason": "not_said"}).status_code == 303
    assert ada.get("/api/v1/questions/adverse-events").json()["findings"] == before["findings"] - 1
