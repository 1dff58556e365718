"""The desk by JSON: what the pages do, by tokens that do what their scopes say and no more."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.curation.tables import LaneAudit, LaneThreshold
from store.database import now, session_scope
from store.people.accounts import add_user, named, set_disabled
from store.people.logins import make_token
from store.people.rights import RIGHTS, Person, Right, Role
from store.web.app import create_app
from tests.store.web.conftest import HERE, enter
from tests.store.web.test_curation import decisions, row
from tests.store.web.test_pages import ids

OPERATOR = Person("operator", Role.ADMIN)
As = Callable[..., dict[str, str]]


@pytest.fixture
def api(engine: Engine) -> Iterator[TestClient]:
    """Give a client that sends what a program sends: no cookie, no Origin."""
    with TestClient(create_app(engine), base_url=HERE, follow_redirects=False) as made:
        yield made


@pytest.fixture
def by(engine: Engine) -> As:
    """Give the header of a new token of a person of a role, with some of its scopes or all."""

    def token(name: str, role: Role, *scopes: Right) -> dict[str, str]:
        with session_scope(engine) as session:
            user = add_user(session, name, role, subject=f"test|{name}")[0]
            wanted = frozenset(scopes) or RIGHTS[role]
            return {"authorization": f"Bearer {make_token(session, OPERATOR, user, 'test', wanted, 1)}"}

    return token


@pytest.fixture
def keys(api: TestClient) -> dict[str, str]:
    """Give the ids of the invented findings by their words."""
    return ids(api)


def test_a_finding_is_accepted_corrected_taken_back_and_rejected(
    api: TestClient, by: As, engine: Engine, keys: dict[str, str]
) -> None:
    ada, path = by("Ada", Role.CURATOR), f"/api/v1/findings/{keys['MADRS score']}/decisions"

    def act(action: str, seen: int, **more: Any) -> Any:
        answer = api.post(path, json={"action": action, "seen": seen, **more}, headers=ada)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert act("accept", 1)["status"] == "accepted"
    changed = act("correct", 2, changes={"timepoint": "day 1", "direction": None}, note="table 2")
    assert (changed["status"], changed["revision"]) == ("corrected", 3)
    assert changed["allowed"] == ["confirm", "correct", "reject", "split", "merge", "undo"]
    assert act("undo", 3)["status"] == "accepted"
    assert act("reject", 4, reason="background")["status"] == "rejected"
    kept = row(engine, keys["MADRS score"])
    assert (kept.status, kept.timepoint) == ("rejected", "24 hours")
    assert [(act.curator, act.action) for act in decisions(engine)] == [
        ("Ada", action) for action in ("accept", "correct", "undo", "reject")
    ]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"action": "accept", "seen": 9}, 409, "was changed after you opened it"),
        ({"action": "reject", "seen": 1}, 422, "give one of these reasons"),
        ({"action": "correct", "seen": 1, "changes": {"effect": "great"}}, 422, "none of improved"),
        ({"action": "correct", "seen": 1, "changes": {}}, 422, "has to change something"),
        ({"action": "correct", "seen": 1, "changes": {"status": "accepted"}}, 422, "no field to correct"),
        ({"action": "correct", "seen": 1, "changes": {"confidence": 1}}, 422, "no field to correct"),
        ({"action": "correct", "seen": 1, "changes": {"id": "x"}}, 422, "no field to correct"),
        ({"action": "accept", "seen": 1, "curator": "Eve"}, 422, "Extra inputs"),
        ({"action": "accept", "seen": 1, "status": "accepted"}, 422, "Extra inputs"),
        ({"action": "accept", "seen": 1, "blind": False}, 422, "Extra inputs"),
        ({"action": "merge", "seen": 1}, 422, "/merge"),
        ({"action": "accept"}, 422, "seen"),
        ({"action": "accept", "seen": 1, "note": "x" * 2001}, 422, "note"),
        ({"action": "accept", "seen": 1, "note": "x" * 70_000}, 413, "64 KiB"),
    ],
)
def test_what_cannot_be_decided_is_said_and_nothing_kept(
    api: TestClient,
    by: As,
    engine: Engine,
    keys: dict[str, str],
    body: dict[str, Any],
    status: int,
    words: str,
) -> None:
    path = f"/api/v1/findings/{keys['MADRS score']}/decisions"
    answer = api.post(path, json=body, headers=by("Ada", Role.CURATOR))
    assert answer.status_code == status
    assert words in answer.text
    assert decisions(engine) == []
    assert row(engine, keys["MADRS score"]).status == "pending"


def test_findings_are_added_split_merged_and_skipped(
    api: TestClient, by: As, engine: Engine, keys: dict[str, str]
) -> None:
    ada = by("Ada", Role.CURATOR)
    text = api.get("/api/v1/articles/99000101").json()["text"]

    def span(words: str) -> list[int]:
        return [text.index(words), text.index(words) + len(words)]

    new = {"type": "adverse_event", "span": span("reported"), "article_version": 1, "fields": {"rate": "1"}}
    made = api.post("/api/v1/articles/99000101/findings", json=new, headers=ada)
    assert (made.status_code, made.json()["status"]) == (201, "accepted")
    stale = api.post("/api/v1/articles/99000101/findings", json=new | {"article_version": 2}, headers=ada)
    assert stale.status_code == 409
    event = f"/api/v1/findings/{keys['suicide attempt']}"
    parts = api.post(
        f"{event}/split", json={"seen": 1, "spans": [span("suicide"), span("attempt")]}, headers=ada
    ).json()
    assert [part["status"] for part in parts] == ["corrected", "accepted"]
    merged = api.post(
        f"/api/v1/findings/{parts[1]['id']}/merge", json={"seen": 1, "into": parts[0]["id"]}, headers=ada
    )
    assert merged.json()["status"] == "rejected"
    assert decisions(engine)[-1].action == "merge"
    skipped = f"/api/v1/findings/{keys['Dissociation']}/skip"
    assert api.post(skipped, json={"reason": "bored"}, headers=ada).status_code == 422
    assert api.post(skipped, json={"reason": "full_text"}, headers=ada).status_code == 200
    left = api.get("/api/v1/queue", headers=ada).json()["items"]
    assert keys["Dissociation"] not in {one["finding"]["finding"]["id"] for one in left}


def test_batches_are_taken_given_back_and_assigned(api: TestClient, by: As) -> None:
    ada, bea, cem = by("Ada", Role.CURATOR), by("Bea", Role.CURATOR), by("Cem", Role.ADJUDICATOR)

    def mine(who: dict[str, str]) -> list[str]:
        return [
            one["finding"]["finding"]["id"]
            for one in api.get("/api/v1/queue/batch", headers=who).json()["items"]
        ]

    waiting = api.get("/api/v1/queue?limit=3", headers=ada).json()
    assert waiting["items"][0]["reason"] == "A serious adverse event"
    assert all(one["finding"]["finding"]["confidence"] is None for one in waiting["items"])
    taken = api.post("/api/v1/queue/batch", json={"size": 2}, headers=ada)
    assert taken.status_code == 201
    first = mine(ada)
    assert len(first) == 2
    given = api.post("/api/v1/queue/assignments", json={"to": "bea", "size": 2}, headers=cem)
    assert given.json()["curator"] == "Bea"
    more = api.post("/api/v1/queue/assignments?type=dose", json={"to": "Ada", "size": 1}, headers=cem)
    assert more.status_code == 201
    assert mine(ada)[:2] == first  # what they have at hand is not taken from them
    assert len(mine(ada)) == 3
    assert len({*mine(ada), *mine(bea)}) == 5
    assert api.delete("/api/v1/queue/batch", headers=ada).status_code == 204
    assert mine(ada) == []
    refused = api.post("/api/v1/queue/assignments", json={"to": "Nobody"}, headers=cem)
    assert (refused.status_code, "no curator named" in refused.text) == (422, True)


def test_queues_are_saved_and_whole_abstracts_said(api: TestClient, by: As) -> None:
    ada, bea = by("Ada", Role.CURATOR), by("Bea", Role.CURATOR)
    assert api.put("/api/v1/queue/saved/doses?type=dose&drug=ketamine", headers=ada).status_code == 204
    assert api.put("/api/v1/queue/saved/bad?colour=red", headers=ada).status_code == 422
    assert api.put("/api/v1/queue/saved/none", headers=ada).status_code == 422
    kept = {"name": "doses", "filters": [["type", "dose"], ["drug", "ketamine"]]}
    assert api.get("/api/v1/queue/saved", headers=ada).json() == [kept]
    assert api.get("/api/v1/queue/saved", headers=bea).json() == []
    api.delete("/api/v1/queue/saved/doses", headers=bea)
    assert api.get("/api/v1/queue/saved", headers=ada).json() == [kept]
    said = "/api/v1/articles/{}/complete"
    assert api.post(said.format("99000101"), json={"article_version": 1}, headers=ada).status_code == 204
    assert "Nothing else here, say Ada" in api.get("/articles/99000101").text
    assert api.post(said.format("99000101"), json={"article_version": 2}, headers=ada).status_code == 409
    assert api.post(said.format("1"), json={"article_version": 1}, headers=ada).status_code == 404


def test_what_is_typed_waits_for_its_curator_alone_until_it_is_sent(
    engine: Engine, ada: TestClient, keys: dict[str, str]
) -> None:
    key, form = keys["MADRS score"], {"fields": {"timepoint": "day 1", "note": '<b> & "so"'}}
    address = f"/api/v1/drafts/{key}-1-correct"
    assert ada.get(address).status_code == 404
    assert ada.put(address, json={"fields": {"note": "h"}}).status_code == 204
    assert ada.put(address, json=form).status_code == 204  # the later word counts
    assert ada.get(address).json() == form

    def shown() -> str | None:
        found = re.search(r'data-draft="[^"]*-correct" data-kept="([^"]*)"', ada.get(f"/findings/{key}").text)
        return unescape(found[1]) if found else None

    assert json.loads(shown() or "") == form
    enter(engine, ada, "Bea Beispiel", Role.CURATOR)
    assert (shown(), ada.get(address).status_code) == (None, 404)
    enter(engine, ada, "Ada Muster", Role.CURATOR)
    ada.post(f"/findings/{key}/accept", data={"seen": "1"})
    assert shown() is None  # it was typed on what the finding no longer is
    assert ada.put("/api/v1/drafts/a%2Fb", json=form).status_code == 404
    assert ada.put(address, json={"fields": {"note": "x" * 2001}}).status_code == 422
    assert ada.delete(address).status_code == 204
    assert ada.get(address).status_code == 404


def test_a_study_is_decided_on_by_json_and_on_the_page(
    api: TestClient, by: As, engine: Engine, ada: TestClient
) -> None:
    path, token = "/api/v1/studies/99000101", by("Cem", Role.ADJUDICATOR)
    read = api.get(path).json()
    assert (read["revision"], read["machine"]) == (1, None)
    named = {"sample_size": 61, "conditions": ["treatment-resistant\ndepression"]}
    made = api.post(f"{path}/decisions", json={"seen": 1, "changes": named}, headers=token)
    assert (made.json()["study"]["sample_size"], made.json()["revision"]) == (61, 2)
    about = ["treatment-resistant depression"]
    assert made.json()["machine"] == {**read["study"], "conditions": about}
    for body, status in (
        ({"seen": 1}, 409),
        ({"seen": 2, "changes": {"species": "unicorn"}}, 422),
        ({"seen": 2, "changes": {"sample_size": "many"}}, 422),
        ({"seen": 2, "changes": {"pmid": "1"}}, 422),
        ({"seen": 2, "changes": {"conditions": ["gout"]}}, 422),
    ):
        assert api.post(f"{path}/decisions", json=body, headers=token).status_code == status
    html = ada.get("/articles/99000101").text
    assert "Participants: 61 instead of" in html
    assert "/study/undo" not in html  # it is Cem's, and Ada is no adjudicator
    assert f">{about[0]}</textarea>" in html
    told = {"sample_size": "62", "conditions": "Depression\n", "note": "<b>table 1</b>"}
    sent = {"seen": "2", **_selected(html), **told}
    assert ada.post("/articles/99000101/study", data=sent).status_code == 303
    assert ada.post("/articles/99000101/study", data=sent).status_code == 409
    html = ada.get("/articles/99000101").text
    assert "&lt;b&gt;table 1&lt;/b&gt;" in html
    assert "Conditions: depression instead of treatment-resistant depression" in html
    assert [one[0] for one in api.get(path).json()["conditions"]] == ["depression"]
    assert ada.post("/articles/99000101/study/undo", data={"seen": "3"}).status_code == 303
    assert ada.post("/articles/1/study", data=sent).status_code == 404
    assert api.get(path).json()["study"]["sample_size"] == 61
    assert [one[0] for one in api.get(path).json()["conditions"]] == about


def _selected(html: str) -> dict[str, str]:
    """Give what the form of the study has chosen."""
    form = html[html.index('action="/articles/99000101/study"') :]
    lists = re.findall(r'<select id="c-(\w+)".*?</select>', form, re.DOTALL)
    chosen = re.findall(
        r'<select id="c-(\w+)"[^>]*>(?:(?!</select>).)*?value="([^"]*)" selected', form, re.DOTALL
    )
    return {field: dict(chosen).get(field, "") for field in lists}


def test_people_and_tokens_are_looked_after(api: TestClient, by: As, engine: Engine) -> None:
    root = by("Root", Role.ADMIN)
    made = api.post("/api/v1/people", json={"name": "Dora", "role": "curator"}, headers=root)
    assert made.status_code == 201
    assert len(made.json()["password"]) == 16
    assert (
        api.patch("/api/v1/people/dora", json={"role": "adjudicator"}, headers=root).json()["role"]
        == "adjudicator"
    )
    more = api.post(
        "/api/v1/people", json={"name": "Eve", "must_change": False, "subject": "x"}, headers=root
    )
    assert more.status_code == 422
    token = {"label": "notebook", "scopes": ["read"]}
    secret = api.post("/api/v1/people/Dora/tokens", json=token, headers=root).json()["secret"]
    dora = {"authorization": f"Bearer {secret}"}
    assert api.get("/api/v1/me", headers=dora).json() == {
        "name": "Dora",
        "role": "adjudicator",
        "rights": ["read"],
    }
    for scope in ("read", "review"):  # a token that leaked makes no other that would outlive it
        grown = api.post("/api/v1/people/Dora/tokens", json={"label": "b", "scopes": [scope]}, headers=dora)
        assert grown.status_code == 403
    assert [one["label"] for one in api.get("/api/v1/people/dora/tokens", headers=dora).json()] == [
        "notebook"
    ]
    assert "hash" not in api.get("/api/v1/people/dora/tokens", headers=dora).text
    assert api.delete("/api/v1/people/dora/tokens/notebook", headers=dora).status_code == 204
    assert api.get("/api/v1/me", headers=dora).status_code == 401
    last = api.patch("/api/v1/people/root", json={"disabled": True}, headers=root)
    assert (last.status_code, "the only admin" in last.text) == (422, True)
    assert "password" not in api.get("/api/v1/people", headers=root).text
    assert {one["event"] for one in api.get("/api/v1/door", headers=root).json()} >= {"added", "token made"}
    with session_scope(engine) as session:
        set_disabled(session, named(session, "Dora"), True)


READ, REVIEW, ADJUDICATE, ADMINISTER = Right
NONE: dict[str, Any] = {}
ROUTES: list[tuple[str, str, Any, tuple[Right, ...]]] = [
    ("GET", "/api/v1/findings", None, (READ,)),
    ("GET", "/api/v1/desk/rules", None, (READ,)),
    ("GET", "/api/v1/queue", None, (READ, REVIEW)),
    ("GET", "/api/v1/queue/batch", None, (READ, REVIEW)),
    ("POST", "/api/v1/queue/batch", {"size": 1}, (REVIEW,)),
    ("DELETE", "/api/v1/queue/batch", None, (REVIEW,)),
    ("POST", "/api/v1/queue/assignments", {"to": "Ada", "size": 1}, (ADJUDICATE,)),
    ("POST", "/api/v1/findings/{id}/decisions", {"action": "accept", "seen": 1}, (REVIEW,)),
    ("POST", "/api/v1/findings/{id}/skip", {"reason": "later"}, (REVIEW,)),
    ("POST", "/api/v1/findings/{id}/merge", {"seen": 1, "into": "{other}"}, (REVIEW,)),
    ("POST", "/api/v1/findings/{id}/split", {"seen": 1, "spans": [[0, 8], [9, 11]]}, (REVIEW,)),
    (
        *("POST", "/api/v1/articles/99000101/findings"),
        {"type": "adverse_event", "span": [0, 8], "article_version": 1},
        (REVIEW,),
    ),
    ("GET", "/api/v1/desk/numbers", None, (READ, REVIEW)),
    ("GET", "/api/v1/desk/agreement", None, (READ, REVIEW)),
    ("GET", "/api/v1/desk/reading", None, (READ, REVIEW)),
    ("GET", "/api/v1/desk/yield", None, (READ, REVIEW)),
    ("POST", "/api/v1/desk/lanes", NONE, (ADMINISTER,)),
    ("GET", "/api/v1/desk/training.jsonl", None, (READ, REVIEW)),
    ("POST", "/api/v1/articles/99000101/complete", {"article_version": 1}, (REVIEW,)),
    ("GET", "/api/v1/queue/saved", None, (READ, REVIEW)),
    ("PUT", "/api/v1/queue/saved/mine?type=dose", None, (REVIEW,)),
    ("DELETE", "/api/v1/queue/saved/mine", None, (REVIEW,)),
    ("POST", "/api/v1/studies/99000101/decisions", {"seen": 1}, (REVIEW,)),
    ("PUT", "/api/v1/drafts/x-1-correct", {"fields": {"note": "hm"}}, (REVIEW,)),
    ("DELETE", "/api/v1/drafts/x-1-correct", None, (REVIEW,)),
    ("GET", "/api/v1/people", None, (READ, ADMINISTER)),
    ("POST", "/api/v1/people", {"name": "New Person"}, (ADMINISTER,)),
    ("PATCH", "/api/v1/people/Ada", {"role": "curator"}, (ADMINISTER,)),
    ("POST", "/api/v1/people/Other/password", None, (ADMINISTER,)),
    ("POST", "/api/v1/people/Other/tokens", {"label": "x", "scopes": ["administer"]}, (ADMINISTER,)),
    ("GET", "/api/v1/people/Other/tokens", None, (READ, ADMINISTER)),
    ("GET", "/api/v1/door", None, (READ, ADMINISTER)),
    ("GET", "/api/v1/me", None, (READ,)),
]
"""What a program can ask, with the scopes that it takes; those not listed are not enough, nor is a role below them."""


@pytest.mark.parametrize(("method", "path", "body", "needs"), ROUTES, ids=[f"{m} {p}" for m, p, *_ in ROUTES])
def test_a_token_opens_what_its_scopes_and_its_owners_role_allow(
    api: TestClient, by: As, keys: dict[str, str], method: str, path: str, body: Any, needs: tuple[Right, ...]
) -> None:
    by("Other", Role.ADMIN)
    place = {"id": keys["Dissociation"], "other": keys["suicide attempt"]}
    path = path.replace("{id}", place["id"])
    if body and "into" in body:
        body = body | {"into": place["other"]}
    whole = by("Ada", Role.ADMIN, *needs)
    for missing in needs:
        rest = [right for right in Right if right is not missing]
        lacking = by(f"Lack {missing.value}", Role.ADMIN, *rest)
        answer = api.request(method, path, json=body, headers=lacking)
        assert answer.status_code == 403, f"without {missing}"
        assert f"no scope '{missing.value}'" in answer.text
    for role in Role:
        if not set(needs) <= RIGHTS[role]:
            low = api.request(method, path, json=body, headers=by(f"Low {role.value}", role))
            assert (low.status_code, "Your role is" in low.text) == (403, True)
    anybody = api.request(method, path, json=body)
    assert anybody.status_code in ((200,) if needs == (READ,) and path != "/api/v1/me" else (401, 403))
    answer = api.request(method, path, json=body, headers=whole)
    assert answer.status_code in (200, 201, 204), answer.text


def test_every_route_that_changes_something_stands_in_the_table(api: TestClient) -> None:
    listed = {(method, path.split("/")[3]) for method, path, *_ in ROUTES}
    described = api.get("/api/v1/openapi.json").json()["paths"]
    changing = {
        (method.upper(), path.split("/")[3])
        for path, acts in described.items()
        for method in acts
        if method != "get"
    }
    assert changing <= listed | {("DELETE", "people")}


def test_nobody_learns_of_others_tokens_nor_whether_they_exist(api: TestClient, by: As) -> None:
    by("Other", Role.READER)
    ada = by("Ada", Role.ADJUDICATOR)
    answers = [api.get(f"/api/v1/people/{name}/tokens", headers=ada) for name in ("Other", "Nobody")]
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {
        (403, answers[0].json()["detail"])
    }


def test_a_blind_pair_is_blind_by_json_too(engine: Engine, by: As, keys: dict[str, str]) -> None:
    app = create_app(engine, double={"adverse_event": 1.0})
    path = f"/api/v1/findings/{keys['Dissociation']}"
    ada, bea, cem = by("Ada", Role.CURATOR), by("Bea", Role.CURATOR), by("Cem", Role.ADJUDICATOR)
    with TestClient(app, base_url=HERE) as api:

        def act(who: dict[str, str], **body: Any) -> Any:
            return api.post(f"{path}/decisions", json={"seen": 1, **body}, headers=who)

        assert act(ada, action="accept").json()["status"] == "pending"
        assert api.get(path, headers=bea).json()["decisions"] == []
        other = {"seen": 1, "into": keys["suicide attempt"]}
        assert api.post(f"{path}/merge", json=other, headers=bea).status_code == 422
        assert act(ada, action="reject", reason="other").status_code == 422
        assert act(bea, action="reject", reason="other").json()["status"] == "needs_adjudication"
        assert act(bea, action="accept", seen=2).status_code == 403
        assert act(cem, action="accept", seen=2).json()["status"] == "accepted"
        known = api.get("/api/v1/desk/agreement", headers=cem).json()
        assert (known["findings"], known["fields"][0]["equal"]) == (1, 0.0)


@pytest.mark.parametrize("path", ["/numbers", "/numbers/agreement", "/numbers/reading"])
def test_the_figures_have_pages_for_curators(ada: TestClient, keys: dict[str, str], path: str) -> None:
    ada.post(f"/findings/{keys['MADRS score']}/accept", data={"seen": "1"})
    page = ada.get(path)
    assert page.status_code == 200
    shown = page.text.partition('href="/api')[2].partition('"')[0]
    assert ada.get(f"/api{shown}").status_code == 200
    ada.cookies.clear()
    assert ada.get(path).status_code == 401


def test_an_admin_is_told_of_a_lane_that_its_audit_refutes(
    ada: TestClient, engine: Engine, keys: dict[str, str]
) -> None:
    with session_scope(engine) as session:
        lane = {"type": "adverse_event", "threshold": 0.1, "wanted": 0.95, "decided": 50}
        session.add(LaneThreshold(**lane, fitted_at=now()))
        for words in ("Dissociation", "suicide attempt"):
            session.add(LaneAudit(finding_id=keys[words], drawn_at=now()))
    for words in ("Dissociation", "suicide attempt"):
        ada.post(f"/findings/{keys[words]}/reject", data={"seen": "1", "reason": "not_said"})
    told = "The accept lane of adverse events is less often right than was asked for: 0% of 2"
    assert told not in ada.get("/queue").text
    assert told in enter(engine, ada, "Root", Role.ADMIN).get("/queue").text


def test_the_doses_of_a_result_are_chosen_by_their_ids(
    api: TestClient, by: As, engine: Engine, keys: dict[str, str]
) -> None:
    ada, path = by("Ada", Role.CURATOR), f"/api/v1/findings/{keys['MADRS score']}/decisions"
    asked = {"action": "correct", "seen": 1, "doses": []}
    assert api.post(path, json=asked, headers=ada).status_code == 200
    assert row(engine, keys["MADRS score"]).decided["doses"] == []  # type: ignore[index]
    wrong = api.post(path, json={**asked, "seen": 2, "doses": [keys["Dissociation"]]}, headers=ada)
    assert wrong.status_code == 422
    assert f"choose among {keys['0.5 mg/kg']} (0.5 mg/kg)" in wrong.json()["detail"]
    given = {**asked, "seen": 2, "doses": [keys["0.5 mg/kg"]]}
    assert api.post(path, json=given, headers=ada).status_code == 200
    shown = api.get(f"/api/v1/findings/{keys['MADRS score']}").json()["item"]
    assert shown["finding"]["doses"] == [keys["0.5 mg/kg"]]
