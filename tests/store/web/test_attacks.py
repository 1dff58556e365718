"""What an attacker tries: guessed ids, planted cookies, sprayed passwords, paths that climb, fields that are not theirs.

Foreign sites are in test_curation and test_browser, hostile words in test_pages and test_curation, scopes and fields of the
API in test_api_desk, log-in elsewhere in test_oidc, large bodies in test_guard and test_curation.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.curation.tables import SavedQueue
from store.database import session_scope
from store.people.accounts import add_user, set_password
from store.people.events import MOST_BY_ADDRESS, knock
from store.people.logins import admit
from store.people.rights import Role
from store.web.app import create_app
from store.web.entrance import Entrance
from tests.store.web.conftest import HERE, enter
from tests.store.web.test_curation import decisions
from tests.store.web.test_pages import ids

PUBLIC = "https://ketmine.example"
OWN = "four words or five"


@pytest.fixture
def stranger(engine: Engine) -> Iterator[TestClient]:
    """Give a client that nobody logged in, before pages at a public address."""
    app = create_app(engine, Entrance(PUBLIC))
    with TestClient(app, base_url=PUBLIC, headers={"origin": PUBLIC}, follow_redirects=False) as made:
        yield made


CLOSED = (
    *("/findings/{id}", "/findings/{id}?queue=1", "/articles/99000101", "/queue", "/numbers", "/runs/1"),
    *(
        "/findings.csv",
        "/api/v1/findings/{id}",
        "/api/v1/articles/99000101",
        "/api/v1/queue",
        "/api/v1/people",
    ),
    *("/api/v1/people/Root/tokens", "/api/v1/door", "/api/v1/openapi.json"),
)


@pytest.mark.parametrize("path", CLOSED)
def test_a_stranger_learns_nothing_by_guessing_ids(
    stranger: TestClient, client: TestClient, path: str
) -> None:
    real, guessed = ids(client)["Dissociation"], "0" * 16
    answers = [stranger.get(path.format(id=key)) for key in (real, guessed)]
    assert {answer.status_code for answer in answers} <= {303, 401}
    same = [answer.text.replace(real, "").replace(guessed, "") for answer in answers]
    assert same[0] == same[1]
    assert all("MADRS" not in words for words in same)


@pytest.mark.parametrize("act", ["accept", "reject", "correct", "undo", "confirm", "split", "merge", "skip"])
@pytest.mark.parametrize("role", [None, Role.READER], ids=["nobody", "reader"])
def test_a_known_id_gives_no_right(engine: Engine, client: TestClient, role: Role | None, act: str) -> None:
    key, other = ids(client)["Dissociation"], ids(client)["suicide attempt"]
    if role:
        enter(engine, client, "Rita Reader", role)
    fields = {
        "seen": "1",
        "reason": "other",
        "into": other,
        "start": "0",
        "end": "3",
        "start_2": "4",
        "end_2": "9",
    }
    answer = client.post(f"/findings/{key}/{act}", data=fields)
    assert answer.status_code == (
        403 if role or act in ("accept", "reject", "correct", "undo", "confirm") else 401
    )
    assert decisions(engine) == []


def test_a_curator_undoes_nothing_of_anothers_and_forgets_no_queue_of_theirs(
    engine: Engine, ada: TestClient
) -> None:
    key = ids(ada)["Dissociation"]
    ada.post(f"/findings/{key}/accept", data={"seen": "1"})
    ada.post("/queue/save?type=dose", data={"name": "mine"})
    bea = enter(engine, ada, "Bea Beispiel", Role.CURATOR)
    assert bea.post(f"/findings/{key}/undo", data={"seen": "2"}).status_code == 403
    bea.post("/queue/save", data={"name": "mine"})  # without filters: forget it
    bea.post("/queue/return", data={"curator": "Ada Muster"})
    assert bea.post("/queue/assign", data={"to": "Ada Muster"}).status_code == 403
    with session_scope(engine, writes=False) as session:
        assert session.get(SavedQueue, ("Ada Muster", "mine")) is not None
    assert len(decisions(engine)) == 1


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/findings.../../pyproject.toml",
            "/findings.%2e%2e%2f%2e%2e%2fpyproject.toml",
            "/findings.csv%00.html",
        ),
        *(
            "/findings.csv/../../../etc/passwd",
            "/findings.%2Fetc%2Fpasswd",
            "/findings.csv%2f..%2f..%2fREADME.md",
        ),
        *("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py", "/static//etc/passwd"),
        *(
            "/questions/..%2f..%2fREADME.md",
            "/questions/onset/..%2f..%2f..%2fetc%2fpasswd",
            "/runs/..%2f..%2fx",
        ),
        *("/articles/..%2f..%2fetc%2fpasswd", "/api/v1/articles/..%2f..%2fetc%2fpasswd"),
    ],
)
def test_no_path_climbs_out_of_an_export_or_a_folder(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 422)
    assert not any(words in answer.text for words in ("root:", "[project]", "create_app", "# ketmine"))


def test_an_export_has_the_name_that_we_give_it(client: TestClient) -> None:
    answer = client.get("/findings.csv?text=..%2F..%2Fetc%2Fpasswd%22%0d%0aSet-Cookie:%20x=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="ketmine-findings.csv"'
    assert "set-cookie" not in answer.headers


def test_sprayed_passwords_lock_the_address_and_no_other(engine: Engine) -> None:
    with session_scope(engine) as session:
        _, password = add_user(session, "Ada", Role.CURATOR)
    for number in range(MOST_BY_ADDRESS - 1):  # one try for each of many names, as the log-in writes it down
        with session_scope(engine) as session:
            assert knock(session, f"somebody {number}", "203.0.113.7") is None
    app = create_app(engine)

    def try_from(address: str, name: str, secret: str, **headers: str) -> int:
        with TestClient(app, base_url=HERE, client=(address, 5000), follow_redirects=False) as client:
            form = {"name": name, "password": secret}
            return client.post("/login", data=form, headers={"origin": HERE, **headers}).status_code

    assert try_from("203.0.113.7", "somebody else", "Winter2026!") == 401
    assert try_from("203.0.113.7", "Ada", password) == 429
    assert try_from("203.0.113.7", "Ada", password, **{"x-forwarded-for": "198.51.100.1"}) == 429
    assert try_from("198.51.100.1", "Ada", password) == 303


def test_a_planted_session_opens_nothing_after_the_log_in(engine: Engine, client: TestClient) -> None:
    with session_scope(engine) as session:
        eve, _ = add_user(session, "Eve", Role.READER, subject="eve")
        planted = admit(session, eve, None, "test")
        ada, _ = add_user(session, "Ada", Role.CURATOR)
        set_password(session, ada, OWN)
    client.cookies.set("ketmine", planted)  # the attacker's own log-in, in the victim's browser
    secret = client.post("/login", data={"name": "Ada", "password": OWN}).headers["set-cookie"]
    assert planted not in secret
    client.cookies.clear()
    for way in ({"cookies": {"ketmine": planted}}, {"params": {"ketmine": planted}}):
        client.cookies.update(way.get("cookies", {}))
        assert 'action="/logout"' not in client.get("/", params=way.get("params")).text
        client.cookies.clear()


def test_a_log_in_that_ended_is_ended_for_whoever_copied_its_cookie(
    engine: Engine, client: TestClient
) -> None:
    with session_scope(engine) as session:
        ada, _ = add_user(session, "Ada", Role.CURATOR)
        set_password(session, ada, OWN)

    def log_in() -> str:
        client.cookies.clear()
        client.post("/login", data={"name": "Ada", "password": OWN})
        return str(client.cookies["ketmine"])

    def opens(secret: str) -> bool:
        client.cookies.clear()
        client.cookies.set("ketmine", secret)
        return 'action="/logout"' in client.get("/").text

    first, second = log_in(), log_in()
    assert opens(first)
    client.post("/logout")
    assert not opens(first)
    third = log_in()
    client.post("/password", data={"old": OWN, "new": OWN + " more", "again": OWN + " more"})
    assert not opens(second)  # a new password ends the other log-ins
    assert not opens(third)
