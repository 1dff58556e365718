"""The digest goes to a webhook and by e-mail, over real sockets; what cannot be sent is said and no secret with it."""

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from flows.digest import as_text, deliver
from flows.settings import Settings
from nlp.errors import KetmineError
from store.database import connect, session_scope
from store.digest import Digest, digest
from tests.flows.conftest import Night, record, trial, xml


class Post(BaseHTTPRequestHandler):
    """A webhook that keeps what it gets."""

    code = 204
    got: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.code)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Mail(socketserver.StreamRequestHandler):
    """A mail server that keeps what it gets."""

    got: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        letter: list[str] | None = None
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if letter is not None and line != ".":
                letter.append(line)
                continue
            if letter is not None:
                self.got.append("\n".join(letter))
                letter = None
            word = line.upper()
            if word == "DATA":
                letter = []
            self.wfile.write({"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}.get(word, b"250 well\r\n"))
            if word == "QUIT":
                return


def serving(server: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def hook() -> Iterator[Any]:
    """A webhook on loopback."""
    yield from serving(HTTPServer(("127.0.0.1", 0), type("OneHook", (Post,), {"got": []})))


@pytest.fixture
def mailbox() -> Iterator[Any]:
    """A mail server on loopback."""
    yield from serving(socketserver.TCPServer(("127.0.0.1", 0), type("OneBox", (Mail,), {"got": []})))


def hooked(settings: Settings, hook: Any) -> Settings:
    """Give settings that want the digest at the webhook."""
    address = SecretStr(f"http://127.0.0.1:{hook.server_address[1]}/services/t0ken")
    return settings.model_copy(update={"digest_webhook": address})


@pytest.fixture
def source(place: Path) -> Path:
    """A file with a trial and a record that is broken."""
    path = place / "a.xml"
    path.write_bytes(xml(trial("11"), record("12", "cut <i>")))
    return path


def told(settings: Settings) -> Digest:
    engine = connect(settings.database_url)
    with session_scope(engine, writes=False) as session:
        made = digest(session)
    engine.dispose()
    return made


def test_a_night_posts_what_is_new_and_what_failed(
    night: Night, settings: Settings, hook: Any, source: Path
) -> None:
    night("nightly", source, where=hooked(settings, hook))
    (got,) = hook.RequestHandlerClass.got
    assert got == json.loads(json.dumps(got))
    assert [study["pmid"] for study in got["new_studies"]] == ["11"]
    assert [event["event"] for event in got["adverse_events"]] == ["Dizziness"]
    assert [failure["key"] for failure in got["failures"]] == ["12"]
    for words in ("New studies: 1", "new: Dizziness, ketamine, PMID 11", "12: ", "not medical advice"):
        assert words in got["text"]


def test_a_night_that_breaks_off_is_told_too(
    night: Night, settings: Settings, hook: Any, place: Path
) -> None:
    with pytest.raises(KetmineError):
        night("nightly", place / "nowhere.xml", where=hooked(settings, hook))
    (got,) = hook.RequestHandlerClass.got
    assert got["status"] == "failed"
    assert "nowhere.xml" in got["text"]


def test_nobody_is_told_of_a_part_of_a_night(
    night: Night, settings: Settings, hook: Any, source: Path
) -> None:
    night("ingest", source, where=hooked(settings, hook))
    assert hook.RequestHandlerClass.got == []


def test_a_digest_goes_by_mail(night: Night, settings: Settings, mailbox: Any, source: Path) -> None:
    night("nightly", source)
    server = SecretStr(f"smtp://127.0.0.1:{mailbox.server_address[1]}")
    wanted = settings.model_copy(update={"digest_email": "a@example.org, b@example.org", "smtp_url": server})
    assert deliver(told(settings), wanted) == []
    (letter,) = mailbox.RequestHandlerClass.got
    assert "Subject: ketmine nightly (run 1) incomplete" in letter
    assert "To: a@example.org, b@example.org" in letter


def test_a_webhook_that_refuses_leaves_the_night_incomplete_and_its_address_unsaid(
    night: Night, settings: Settings, hook: Any, place: Path
) -> None:
    hook.RequestHandlerClass.code = 410
    path = place / "a.xml"
    path.write_bytes(xml(trial("11")))
    report = night("nightly", path, where=hooked(settings, hook))
    assert (report.status, report.fetch["new"]) == ("incomplete", 1)
    assert report.unfinished == "the digest was not sent: the webhook says 410 Gone"
    written = b"".join(file.read_bytes() for file in place.rglob("*") if file.is_file())
    assert b"t0ken" not in written


def test_a_server_that_is_not_there_is_said_without_its_address(settings: Settings, night: Night) -> None:
    with pytest.raises(KetmineError):
        night("nightly")
    wanted = settings.model_copy(
        update={
            "digest_webhook": SecretStr("http://127.0.0.1:9/t0ken"),
            "digest_email": "a@example.org",
            "smtp_url": SecretStr("smtp://me:s3cret@127.0.0.1:9"),
        }
    )
    troubles = deliver(told(settings), wanted)
    assert len(troubles) == 2
    assert all("Connection refused" in trouble for trouble in troubles)
    assert not any("t0ken" in trouble or "s3cret" in trouble for trouble in troubles)


def test_a_long_list_says_how_much_more_there_is(settings: Settings, night: Night, place: Path) -> None:
    path = place / "a.xml"
    path.write_bytes(xml(*(record(str(pmid), "cut <i>") for pmid in range(100, 160))))
    night("nightly", path)
    text = as_text(told(settings))
    assert "What failed: 60" in text
    assert "- and 10 more" in text
