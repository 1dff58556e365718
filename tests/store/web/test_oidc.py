"""Log-in at an OpenID Connect provider, over real HTTP: who is let in, and what is not believed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import Engine
from starlette.testclient import TestClient

from store.database import session_scope
from store.people.accounts import add_user, link, lookup, set_disabled, subject_of
from store.people.events import events
from store.people.rights import Role
from store.web.app import create_app
from store.web.entrance import Entrance
from store.web.entrance import Provider as Known
from tests.store.web.conftest import HERE
from tests.store.web.provider import CLIENT, SECRET, Provider, serving, shared_secret


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """Run one provider for all."""
    with serving() as made:
        yield made


@pytest.fixture
def provider(running: Provider) -> Provider:
    """Give the provider, honest."""
    running.lies, running.lie_of_key, running.algorithm, running.broken = {}, None, "ES256", False
    return running


def pages(engine: Engine, provider: Provider, newcomers: Role | None = None) -> TestClient:
    known = Known(provider.issuer, CLIENT, SECRET, newcomers)
    app = create_app(engine, Entrance(None, known))
    return TestClient(app, base_url=HERE, follow_redirects=False, headers={"origin": HERE})


@pytest.fixture
def client(engine: Engine, provider: Provider) -> Iterator[TestClient]:
    with pages(engine, provider) as made:
        yield made


@pytest.fixture
def jane(engine: Engine, provider: Provider) -> str:
    """Let Jane in by her subject."""
    with session_scope(engine) as session:
        user, _ = add_user(session, "Jane Muster", Role.CURATOR)
        link(session, user, subject_of(provider.issuer, "248289761001"))
        return user.name


def log_in(client: TestClient, onward: str = "/runs") -> Any:
    """Go to the provider and come back, as a browser does."""
    to = client.get(f"/login/oidc?next={onward}").headers["location"]
    back = httpx.get(to).headers["location"]
    assert back.startswith(f"{HERE}/login/oidc/back?")
    return client.get(back.removeprefix(HERE))


def test_who_is_known_there_and_here_gets_in(client: TestClient, engine: Engine, jane: str) -> None:
    assert 'href="/login/oidc?next=/runs"' in client.get("/login?next=/runs").text
    answer = log_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    cookies = answer.headers.get_list("set-cookie")
    assert any(c.startswith("ketmine=") and "HttpOnly" in c and "SameSite=lax" in c for c in cookies)
    assert any(c.startswith('ketmine-oidc=""') for c in cookies)  # what was begun is over
    assert jane in client.get("/queue").text
    with session_scope(engine, writes=False) as session:
        assert (events(session)[0].event, events(session)[0].detail) == ("logged in", "OpenID Connect")


def test_who_is_known_there_only_is_told_their_subject_and_written_down(
    client: TestClient, engine: Engine
) -> None:
    answer = log_in(client)
    assert answer.status_code == 403
    assert "Ask an admin to let in the subject 248289761001" in answer.text
    assert 'action="/logout"' not in client.get("/").text
    with session_scope(engine, writes=False) as session:
        assert (events(session)[0].event, lookup(session, "Jane Doe")) == ("refused", None)


def test_newcomers_are_added_where_that_is_wanted_and_never_under_anothers_name(
    engine: Engine, provider: Provider
) -> None:
    with session_scope(engine) as session:
        add_user(session, "Jane Doe", Role.ADMIN)
    with pages(engine, provider, Role.READER) as client:
        assert log_in(client).status_code == 303
        assert "Jane Doe 2</a>, reader" in client.get("/").text
        client.post("/logout")
        assert log_in(client).status_code == 303  # known by now, and not added again
    with session_scope(engine, writes=False) as session:
        assert lookup(session, "Jane Doe 3") is None


def test_who_is_disabled_stays_out(client: TestClient, engine: Engine, jane: str) -> None:
    with session_scope(engine) as session:
        user = lookup(session, jane)
        assert user is not None
        add_user(session, "Root", Role.ADMIN)
        set_disabled(session, user, True)
    assert log_in(client).status_code == 403


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"aud": "another client"}, "aud"),
        ({"iss": "https://evil.example"}, "iss"),
        # a fixed day: the name of a test may not change from one process to another
        ({"exp": 1_700_000_000}, "expired"),
        ({"sub": None}, "sub"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "azp"),
    ],
    ids=lambda value: str(value),
)
def test_a_token_that_is_not_for_this_log_in_is_not_believed(
    client: TestClient, provider: Provider, jane: str, lie: dict[str, Any], words: str
) -> None:
    provider.lies = lie
    answer = log_in(client)
    assert answer.status_code == 502
    assert "does not hold" in answer.text
    assert words in answer.text
    assert 'action="/logout"' not in client.get("/").text


@pytest.mark.parametrize("forgery", ["another key", "the client's secret as key"])
def test_a_token_that_the_provider_did_not_sign_is_not_believed(
    client: TestClient, provider: Provider, jane: str, forgery: str
) -> None:
    if forgery == "another key":
        provider.lie_of_key = ECKey.generate_key("P-256", parameters={"kid": "one"})
    else:
        provider.lie_of_key, provider.algorithm = shared_secret(), "HS256"
    assert log_in(client).status_code == 502


def test_nobody_finishes_a_log_in_that_another_began(client: TestClient, engine: Engine, jane: str) -> None:
    to = client.get("/login/oidc").headers["location"]
    back = httpx.get(to).headers["location"].removeprefix(HERE)
    kept = client.cookies["ketmine-oidc"]
    client.cookies.clear()
    assert "not begun here" in client.get(back).text
    client.get("/login/oidc")  # the victim's own log-in, with a state of its own
    assert "begun elsewhere" in client.get(back).text
    client.cookies.clear()
    client.cookies.set("ketmine-oidc", kept)
    assert client.get(back).status_code == 303
    client.cookies.clear()
    client.cookies.set("ketmine-oidc", kept)
    assert "invalid_grant" in client.get(back).text  # a code is good once


def test_a_provider_that_is_down_is_said_to_be(client: TestClient, provider: Provider) -> None:
    provider.broken = True
    answer = client.get("/login/oidc")
    assert answer.status_code == 502
    assert "does not answer as it should" in answer.text
    assert client.get("/login").status_code == 200


def test_no_log_in_elsewhere_leads_to_another_site(client: TestClient, jane: str) -> None:
    assert log_in(client, "https://evil.example").headers["location"] == "/queue"


def test_without_a_provider_there_is_no_such_door(engine: Engine) -> None:
    with TestClient(create_app(engine), base_url=HERE) as client:
        assert client.get("/login/oidc").status_code == 404
        assert "/login/oidc" not in client.get("/login").text
