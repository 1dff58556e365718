"""Deciding on the pages: under a name, once, on what was seen, and never from another site."""

import re
from collections.abc import Iterable

import pytest
from sqlalchemy import Engine, event
from sqlmodel import col, select
from starlette.testclient import TestClient

from store.database import session_scope
from store.people.rights import Role
from store.review import NEWEST, history
from store.tables import Decision, FindingDose, FindingRow
from store.transitions import REASONS
from store.web.app import create_app
from tests.store.web.conftest import HERE, enter
from tests.store.web.invented import SCRIPT
from tests.store.web.test_pages import Reader, ids

AS_DRAWN = {
    **{"drug": "ketamine", "direction": "decreased", "effect": "improved", "comparator": "midazolam"},
    **{"timepoint": "24 hours", "value": "\u22127.4", "p_value": "<0.001"},
}


def row(engine: Engine, key: str) -> FindingRow:
    """Read a finding afresh."""
    with session_scope(engine, writes=False) as session:
        found = session.get(FindingRow, key)
        assert found is not None
        return found


def decisions(engine: Engine) -> list[Decision]:
    """Read the whole history."""
    with session_scope(engine, writes=False) as session:
        return list(session.exec(select(Decision).order_by(col(Decision.id))))


@pytest.fixture
def outcome(client: TestClient) -> str:
    """Give the id of the trial's outcome."""
    return ids(client)["MADRS score"]


def said(html: str) -> str:
    """Give a page's text."""
    return Reader(html).text


def test_who_is_not_logged_in_reads_and_decides_nothing(
    client: TestClient, engine: Engine, outcome: str
) -> None:
    page = client.get(f"/findings/{outcome}")
    assert f'href="/login?next=/findings/{outcome}"' in page.text
    answer = client.post(f"/findings/{outcome}/accept", data={"seen": "1"})
    assert answer.status_code == 403
    assert "Log in first" in said(answer.text)
    assert decisions(engine) == []


def test_a_reader_reads_why_nothing_can_be_decided(client: TestClient, engine: Engine, outcome: str) -> None:
    rita = enter(engine, client, "Rita Reader", Role.READER)
    page = said(rita.get(f"/findings/{outcome}").text)
    assert "Your role is reader: it takes a curator to decide on findings" in page
    answer = rita.post(f"/findings/{outcome}/accept", data={"seen": "1"})
    assert answer.status_code == 403
    assert "it takes a curator" in said(answer.text)
    assert decisions(engine) == []


def test_accept_reject_correct_and_undo_are_kept_with_who_and_why(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    path = f"/findings/{outcome}"
    assert ada.post(f"{path}/accept", data={"seen": "1"}).headers["location"] == path
    assert row(engine, outcome).status == "accepted"
    ada.post(f"{path}/reject", data={"seen": "2", "reason": "background", "note": "earlier work"})
    assert row(engine, outcome).status == "rejected"
    ada.post(f"{path}/undo", data={"seen": "3"})
    assert row(engine, outcome).status == "accepted"
    ada.post(f"{path}/correct", data={"seen": "4", **AS_DRAWN, "timepoint": "day 1", "direction": ""})
    corrected = row(engine, outcome)
    assert (corrected.status, corrected.timepoint, corrected.direction) == ("corrected", "day 1", None)
    assert corrected.record["timepoint"] == "24 hours"
    text = said(ada.get(path).text)
    for words in (
        *(
            "Corrected by Ada Muster",
            "Undone by Ada Muster",
            "Rejected by Ada Muster",
            "Accepted by Ada Muster",
        ),
        *("It is background, not this study's result. earlier work", "Time: day 1 instead of 24 hours"),
    ):
        assert words in text
    assert [act.action for act in decisions(engine)] == ["accept", "reject", "undo", "correct"]


def test_a_whole_abstract_is_gone_through_without_leaving_its_page(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    article = f"/articles/{row(engine, outcome).pmid}"
    form = re.search(
        rf'<form [^>]*action="/findings/{outcome}/reject">.*?</form>', ada.get(article).text, re.S
    )
    assert form is not None
    assert set(re.findall(r'<option value="(\w+)"', form[0])) == set(REASONS)
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', form[0]))
    answer = ada.post(f"/findings/{outcome}/reject", data={**sent, "reason": "background", "note": "earlier"})
    assert answer.headers["location"] == article
    assert row(engine, outcome).status == "rejected"
    assert [(act.reason, act.note) for act in decisions(engine)] == [("background", "earlier")]


def test_what_someone_else_decided_meanwhile_is_told_and_kept(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    ada.post(f"/findings/{outcome}/accept", data={"seen": "1"})
    bea = enter(engine, ada, "Bea Beispiel", Role.CURATOR)
    answer = bea.post(
        f"/findings/{outcome}/reject", data={"seen": "1", "reason": "other", "note": "my words"}
    )
    assert answer.status_code == 409
    text = said(answer.text)
    assert re.search(r"was changed after you opened it: Ada Muster accepted it at \d\d:\d\d UTC", text)
    assert "my words" in text
    assert row(engine, outcome).status == "accepted"
    assert len(decisions(engine)) == 1


@pytest.mark.parametrize(
    ("action", "fields", "status", "words"),
    [
        ("reject", {"seen": "1"}, 422, "give one of these reasons"),
        ("reject", {"seen": "1", "reason": "no_such"}, 422, "give one of these reasons"),
        ("confirm", {"seen": "1"}, 422, "pending cannot be confirmed"),
        ("undo", {"seen": "1"}, 422, "no decision on finding"),
        ("correct", {"seen": "1", **AS_DRAWN}, 422, "has to change something"),
        (
            "correct",
            {"seen": "1", **AS_DRAWN, "effect": "great"},
            422,
            "For the patient: 'great' is none of improved",
        ),
        ("correct", {"seen": "1", **AS_DRAWN, "drug": ""}, 422, "Drug: a value is needed"),
        ("accept", {"note": "hm"}, 422, "reload the page"),
        ("accept", {"seen": "1; DROP TABLE findings"}, 422, "reload the page"),
        ("accept", {"seen": "9"}, 409, "Look again before you decide"),
        ("explode", {"seen": "1"}, 422, "action"),
    ],
)
def test_a_decision_that_cannot_be_is_answered_with_a_sentence(
    ada: TestClient,
    engine: Engine,
    outcome: str,
    action: str,
    fields: dict[str, str],
    status: int,
    words: str,
) -> None:
    answer = ada.post(f"/findings/{outcome}/{action}", data=fields)
    assert answer.status_code == status
    assert words in said(answer.text)
    assert decisions(engine) == []


def test_what_was_entered_is_still_there_after_a_refusal(ada: TestClient, outcome: str) -> None:
    fields = {"seen": "1", **AS_DRAWN, "effect": "great", "timepoint": "one day", "note": "see table 2"}
    html = ada.post(f"/findings/{outcome}/correct", data=fields).text
    assert 'value="one day"' in html
    assert "see table 2</textarea>" in html
    assert re.search(r'id="correct"[^>]*data-open', html)


def test_fields_that_are_not_for_correction_are_not_taken(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    more = {"status": "accepted", "id": "x", "confidence": "1", "pmid": "1", "curator": "Eve", "type": "dose"}
    ada.post(f"/findings/{outcome}/correct", data={"seen": "1", **AS_DRAWN, "value": "8", **more})
    kept = row(engine, outcome)
    assert (kept.status, kept.confidence, kept.pmid, kept.type, kept.value) == (
        "corrected",
        0.8,
        "99000101",
        "outcome",
        "8",
    )
    assert decisions(engine)[0].curator == "Ada Muster"


def test_hostile_words_in_notes_and_values_stay_words(ada: TestClient, outcome: str) -> None:
    ada.post(f"/findings/{outcome}/correct", data={"seen": "1", **AS_DRAWN, "value": SCRIPT, "note": SCRIPT})
    page = Reader(ada.get(f"/findings/{outcome}").text)
    assert page.tags.count("script") == 1
    assert page.text.count(SCRIPT) >= 3
    assert SCRIPT in said(ada.get("/findings?species=any&setting=any").text)


def test_the_queue_leads_from_one_finding_to_the_next(ada: TestClient, engine: Engine) -> None:
    visited: list[str] = []
    path = re.findall(r'href="(/findings/\w+\?queue=1)"', ada.get("/queue").text)[0]
    while "/findings/" in path:
        html = ada.get(path).text
        key = path.split("/")[2].split("?")[0]
        visited.append(key)
        seen = str(row(engine, key).revision)
        path = ada.post(f"/findings/{key}/accept", data={"seen": seen, "then": "queue"}).headers["location"]
        assert "Queue" in html
    assert len(visited) == len(set(visited)) == 6
    assert path == f"/queue?done={visited[-1]}"
    last = said(ada.get(path).text)
    assert "Nothing waits for you." in last
    assert "Accepted:" in last
    assert "Undo" in last


def test_a_page_of_a_batch_and_a_decision_ask_the_database_a_dozen_times(
    ada: TestClient, engine: Engine
) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    path = ada.post("/queue/take", data={"then": "queue"}).headers["location"]
    for _ in range(2):  # the second page says what became of the first finding, too
        asked.clear()
        assert ada.get(path).status_code == 200
        assert len(asked) <= 14, asked
        key = path.split("/")[2].split("?")[0]
        asked.clear()
        onward = ada.post(f"/findings/{key}/accept", data={"seen": "1", "then": "queue"})
        path = onward.headers["location"]
        assert len(asked) <= 10, asked


def test_a_decision_in_the_queue_can_be_undone_from_the_next_page(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    onward = ada.post(f"/findings/{outcome}/accept", data={"seen": "1", "then": "queue"}).headers["location"]
    html = ada.get(onward).text
    form = re.search(rf'action="/findings/{outcome}/undo".*?name="seen" value="(\d+)"', html, re.DOTALL)
    assert form is not None
    assert ada.post(f"/findings/{outcome}/undo", data={"seen": form[1]}).status_code == 303
    assert row(engine, outcome).status == "pending"


def test_a_reloaded_answer_leads_back_to_the_finding(ada: TestClient, outcome: str) -> None:
    answer = ada.get(f"/findings/{outcome}/accept")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/findings/{outcome}")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
        {"host": "rebound.example"},
        {"host": "rebound.example:8000", "origin": "http://rebound.example:8000"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/findings/{id}/accept", "/findings/{id}/undo", "/login", "/logout", "/password"]
)
def test_no_other_site_can_decide(
    ada: TestClient, engine: Engine, outcome: str, headers: dict[str, str], path: str
) -> None:
    answer = ada.post(path.format(id=outcome), data={"seen": "1", "name": "Eve Evil"}, headers=headers)
    assert answer.status_code in (403, 421)
    assert decisions(engine) == []
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"seen=1&note=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(100)), "application/x-www-form-urlencoded", 400),
        (b'{"seen": 1}', "application/json", 415),
        (b"seen=1", "text/plain", 415),
        (
            b"--b\r\nContent-Disposition: form-data; name=seen\r\n\r\n1\r\n--b--",
            "multipart/form-data; boundary=b",
            415,
        ),
    ],
)
def test_a_body_that_no_form_of_ours_sends_is_refused(
    ada: TestClient, engine: Engine, outcome: str, body: bytes, kind: str, status: int
) -> None:
    answer = ada.post(f"/findings/{outcome}/accept", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert decisions(engine) == []


def test_a_long_note_is_cut_and_a_decision_kept(ada: TestClient, engine: Engine, outcome: str) -> None:
    ada.post(f"/findings/{outcome}/accept", data={"seen": "1", "note": "é" * 5000})
    (act,) = decisions(engine)
    assert act.note == "é" * 2000


def test_the_keys_and_forms_of_a_status_are_those_it_allows(ada: TestClient, outcome: str) -> None:
    def keys() -> Iterable[str]:
        return re.findall(r'data-key="([arcu])"', ada.get(f"/findings/{outcome}").text)

    assert list(keys()) == ["a", "r", "c"]
    ada.post(f"/findings/{outcome}/reject", data={"seen": "1", "reason": "other"})
    assert list(keys()) == ["a", "c", "u"]


def test_history_is_what_the_store_holds(ada: TestClient, engine: Engine, outcome: str) -> None:
    ada.post(f"/findings/{outcome}/accept", data={"seen": "1"})
    (act,) = ada.get(f"/api/v1/findings/{outcome}").json()["decisions"]
    with session_scope(engine, writes=False) as session:
        (kept,) = history(session, outcome)
    assert (act["curator"], act["action"], act["to_status"]) == (kept.curator, kept.action, kept.to_status)


def test_of_a_long_history_the_newest_acts_are_shown_and_all_on_demand(ada: TestClient, outcome: str) -> None:
    for seen in range(1, NEWEST + 4):
        act = ("accept", "reject")[seen % 2]
        ada.post(f"/findings/{outcome}/{act}", data={"seen": str(seen), "reason": "other"})
    shown = ada.get(f"/findings/{outcome}").text
    assert shown.count("by Ada Muster") == NEWEST
    assert "Show 3 earlier acts" in shown
    (link,) = re.findall(r'href="([^"]*history=all)"', shown)
    whole = ada.get(link).text
    assert whole.count("by Ada Muster") == NEWEST + 3
    assert "history=all" not in whole
    assert len(ada.get(f"/api/v1/findings/{outcome}").json()["decisions"]) == NEWEST + 3


def test_the_form_offers_the_doses_of_the_abstract_and_keeps_the_one_that_was_chosen(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    dose = ids(ada)["0.5 mg/kg"]
    drawn = ada.get(f"/findings/{outcome}").text
    boxes = re.findall(r'type="checkbox" name="dose-([^"]+)" value="yes"( checked)?> ([^<]+)<', drawn)
    assert [(key, bool(set_)) for key, set_, _ in boxes] == [(dose, True)]
    assert "0.5 mg/kg" in boxes[0][2]
    assert 'name="dose-' not in ada.get(f"/findings/{dose}").text, "a dose belongs to none"
    fields = {"seen": "1", "doses": "shown", "shown": ""}
    assert ada.post(f"/findings/{outcome}/correct", data=fields).status_code == 303
    page = said(ada.get(f"/findings/{outcome}").text)
    assert "Dose it belongs to: none instead of 0.5 mg/kg" in page
    again = {**fields, "seen": "2", f"dose-{dose}": "yes"}
    assert ada.post(f"/findings/{outcome}/correct", data=again).status_code == 303
    with session_scope(engine, writes=False) as session:
        assert [link.dose_id for link in session.exec(select(FindingDose))].count(dose) >= 1
        assert row(engine, outcome).decided["doses"] == [dose]  # type: ignore[index]


def test_the_parts_of_a_split_dose_are_told_apart_by_their_words(
    ada: TestClient, engine: Engine, outcome: str
) -> None:
    dose = ids(ada)["0.5 mg/kg"]
    start = row(engine, dose).start
    spans = {"start": start, "end": start + 3, "start_2": start + 4, "end_2": start + 9}
    assert ada.post(f"/findings/{dose}/split", data={"seen": "1", **spans}).status_code == 303
    drawn = ada.get(f"/findings/{outcome}").text
    boxes = re.findall(r'name="dose-([^"]+)" value="yes"(?: checked)?> ([^<]+)<', drawn)
    assert [words for _, words in boxes] == ["0.5, intravenous", "mg/kg, intravenous"]
    part = boxes[1][0]
    fields = {"seen": "1", "doses": "shown", "shown": "", f"dose-{part}": "yes"}
    assert ada.post(f"/findings/{outcome}/correct", data=fields).status_code == 303
    page = said(ada.get(f"/findings/{outcome}").text)
    assert "Dose it belongs to: mg/kg instead of 0.5" in page
    assert "choose which one applies" not in page


def test_a_dose_of_another_abstract_is_refused_and_what_was_ticked_stays(
    ada: TestClient, outcome: str
) -> None:
    fields = {"seen": "1", "doses": "shown", "shown": "", "dose-elsewhere": "yes"}
    answer = ada.post(f"/findings/{outcome}/correct", data=fields)
    assert answer.status_code == 422
    assert "elsewhere is no dose of this abstract that stands: choose among" in said(answer.text)
    assert f'name="dose-{ids(ada)["0.5 mg/kg"]}" value="yes">' in answer.text, "nothing else was ticked"


@pytest.mark.parametrize("act", ["split", "merge"])
def test_what_two_decide_blindly_is_neither_split_nor_merged_by_a_post(
    engine: Engine, client: TestClient, act: str
) -> None:
    app = create_app(engine, double={"adverse_event": 1.0})
    with TestClient(app, base_url=HERE, follow_redirects=False, headers={"origin": HERE}) as double:
        ada = enter(engine, double, "Ada Muster", Role.CURATOR)
        key, other = ids(ada)["Dissociation"], ids(ada)["suicide attempt"]
        assert f"/{act}" not in ada.get(f"/findings/{key}").text
        start = str(row(engine, key).start)
        spans = {
            "start": start,
            "end": str(int(start) + 4),
            "start_2": str(int(start) + 5),
            "end_2": str(int(start) + 9),
        }
        answer = ada.post(f"/findings/{key}/{act}", data={"seen": "1", "into": other, **spans})
        assert answer.status_code == 422
        assert "Two curators decide this finding" in said(answer.text)
    assert decisions(engine) == []
