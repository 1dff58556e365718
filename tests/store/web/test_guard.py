"""Who may ask: loopback names with our port; what changes something comes from our own pages."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from store.web.guard import HEADERS, MOST_BYTES, Guard

HERE = "http://127.0.0.1:8000"


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=[Route("/x", _echo, methods=["GET", "POST"])])
    return TestClient(Guard(app), base_url=HERE)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_loopback_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/x", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8000", "localhost.evil.example:8000", "127.0.0.1:9999", "127.0.0.1"),
        *(
            "user@localhost:8000",
            "localhost:8000@evil.example",
            "",
            "localhost:port",
            "[::1",
            "127.0.0.1:8000/x",
        ),
        *("0.0.0.0:8000", "169.254.169.254:8000"),
    ],
)
def test_a_rebound_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/x", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": HERE}, 200),
        ({"origin": HERE, "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:3000"}, 403),
        ({"origin": "https://127.0.0.1:8000"}, 403),
        ({"origin": HERE, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": HERE, "sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
    ],
)
def test_a_post_must_come_from_our_pages(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert client.post("/x", headers=headers, content=b"a=1").status_code == status


@pytest.mark.parametrize(("size", "status"), [(0, 200), (MOST_BYTES, 200), (MOST_BYTES + 1, 413)])
def test_a_large_body_is_refused(client: TestClient, size: int, status: int) -> None:
    response = client.post("/x", headers={"origin": HERE}, content=b"x" * size)
    assert response.status_code == status
    assert status != 200 or response.text == str(size)


def test_a_body_in_chunks_is_counted_too(client: TestClient) -> None:
    chunks = (b"x" * 1024 for _ in range(MOST_BYTES // 1024 + 1))
    assert client.post("/x", headers={"origin": HERE}, content=chunks).status_code == 413


@pytest.mark.parametrize("path", ["/x", "/nowhere"])
def test_every_answer_carries_the_safety_headers(client: TestClient, path: str) -> None:
    for response in (client.get(path), client.get(path, headers={"host": "evil.example"})):
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
        assert response.headers["cache-control"] == "no-store"
        assert "unsafe-inline" not in response.headers["content-security-policy"]
