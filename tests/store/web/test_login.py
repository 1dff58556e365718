"""The door: by a name and a password, under a new secret, after a change of the one-time password."""

from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.database import session_scope
from store.people.accounts import add_user, first_admin
from store.people.rights import Role

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
