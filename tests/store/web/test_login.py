"""The door: by a name and a password, under a new secret, after a change of the one-time password."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.database import session_scope
from store.people.accounts import add_user, first_admin, set_disabled
from store.people.logins import make_token
from store.people.rights import Person, Right, Role
from store.web.app import create_app
from store.web.entrance import Entrance
from store.web.login import local_path

OWN = "four words or five"


def test_the_first_admin_gets_in_once_and_chooses_a_password(client: TestClient, engine: Engine) -> None:
    with session_scope(engine) as session:
        made = first_admin(session)
        assert made is not None
        assert first_admin(session) is None
    name, password = made
    answer = client.post("/login", data={"name": name, "password": password, "next": "/runs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/password")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/queue").headers["location"] == "/password"
    assert (
        client.post("/password", data={"old": password, "new": "short", "again": "short"}).status_code == 422
    )
    answer = client.post("/password", data={"old": password, "new": OWN, "again": OWN})
    assert answer.headers["location"] == "/queue"
    assert client.get("/queue").status_code == 200
    client.post("/logout")
    assert client.post("/login", data={"name": name, "password": password}).status_code == 401
    assert client.post("/login", data={"name": name.upper(), "password": OWN}).status_code == 303


def test_after_five_wrong_passwords_the_right_one_has_to_wait(client: TestClient, engine: Engine) -> None:
    with session_scope(engine) as session:
        _, password = add_user(session, "Ada", Role.CURATOR)
    for name in ("Ada", "Nobody"):
        for _ in range(5):
            assert client.post("/login", data={"name": name, "password": "wrong"}).status_code == 401
        answer = client.post("/login", data={"name": name, "password": password})
        assert answer.status_code == 429
        assert "Try again in 15 minutes" in answer.text


def test_a_log_in_starts_a_new_session_whatever_cookie_came(client: TestClient, engine: Engine) -> None:
    with session_scope(engine) as session:
        _, password = add_user(session, "Ada", Role.CURATOR)
    client.cookies.set("ketmine", "planted")
    answer = client.post("/login", data={"name": "Ada", "password": password})
    secret = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert secret != "planted"
    client.cookies.clear()
    client.cookies.set("ketmine", "planted")
    assert 'action="/logout"' not in client.get("/").text


def test_a_token_reads_by_its_scope_until_its_owner_is_shut_out(client: TestClient, engine: Engine) -> None:
    with session_scope(engine) as session:
        ada, _ = add_user(session, "Ada", Role.CURATOR)
        asker = Person("operator", Role.ADMIN)
        may, may_not = (
            make_token(session, asker, ada, str(right), frozenset({right}), 1)
            for right in (Right.READ, Right.REVIEW)
        )
    path = "/api/v1/statistics"
    assert client.get(path, headers={"authorization": f"Bearer {may}"}).status_code == 200
    assert client.get(path, headers={"authorization": f"Bearer {may_not}"}).status_code == 403
    with session_scope(engine) as session:
        set_disabled(session, ada, True)
    assert client.get(path, headers={"authorization": f"Bearer {may}"}).status_code == 401


def test_at_a_public_address_reading_takes_a_log_in_and_cookies_are_secure(engine: Engine) -> None:
    with session_scope(engine) as session:
        _, password = add_user(session, "Ada", Role.READER)
    here = "https://ketmine.example"
    app = create_app(engine, Entrance(here))
    with TestClient(app, base_url=here, headers={"origin": here}, follow_redirects=False) as client:
        assert (
            client.get("/findings?drug=ketamine").headers["location"]
            == "/login?next=/findings%3Fdrug%3Dketamine"
        )
        assert client.get("/findings.csv").status_code == 303
        assert client.get("/api/v1/findings").status_code == 401
        assert client.get("/", headers={"host": "127.0.0.1"}).status_code == 421
        cookie = client.post("/login", data={"name": "Ada", "password": password}).headers["set-cookie"]
        assert cookie.startswith("__Host-ketmine=")
        assert "Secure" in cookie


@pytest.mark.parametrize("path", ["/", "/findings/1?queue=1", "/queue"])
def test_a_path_of_ours_is_followed(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x",
    ],
)
def test_no_form_leads_elsewhere(path: str) -> None:
    assert local_path(path) == "/queue"
