"""The digest goes to a webhook and by e-mail, over real sockets; what cannot be sent is said and no secret with it."""

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
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
    """A mail server that keeps what it gets: in the clear, or with TLS from the start or when it is asked for it."""

    got: list[str]
    logins: list[str]
    tls: ssl.SSLContext | None = None
    offers = ""

    def wrap(self) -> None:
        """Go on with TLS."""
        assert self.tls
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def finish(self) -> None:
        """Close what TLS has opened, too."""
        super().finish()
        self.connection.close()

    def handle(self) -> None:
        """Take letters."""
        try:
            if self.tls and not self.offers:
                self.wrap()
            self.talk()
        except ssl.SSLError:
            pass  # whoever called does not trust us

    def talk(self) -> None:
        """Speak SMTP."""
        self.wfile.write(b"220 here\r\n")
        while word := self.line():
            name, _, rest = word.partition(" ")
            self.wfile.write(self.said(name.upper(), rest))
            if name == "STARTTLS":
                self.wrap()
            elif name.upper() == "DATA":
                self.got.append("\n".join(iter(self.line, ".")))
                self.wfile.write(b"250 well\r\n")
            elif name.upper() == "QUIT":
                return

    def said(self, name: str, rest: str) -> bytes:
        """Answer a word."""
        if name == "EHLO":
            return f"250-here\r\n250-{self.offers or 'HELP'}\r\n250 AUTH PLAIN\r\n".encode()
        if name == "AUTH":
            self.logins.append(base64.b64decode(rest.split()[1]).decode())
            return b"235 known\r\n"
        return {"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n", "STARTTLS": b"220 go on\r\n"}.get(
            name, b"250 well\r\n"
        )

    def line(self) -> str:
        """Give the next line."""
        return self.rfile.readline().decode().rstrip("\r\n")


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
    box = type("OneBox", (Mail,), {"got": [], "logins": []})
    yield from serving(socketserver.TCPServer(("127.0.0.1", 0), box))


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that nobody has signed but itself, and what a server shows it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    shown, secret = (tmp_path_factory.mktemp("tls") / part for part in ("shown.pem", "secret.pem"))
    pem = serialization.Encoding.PEM
    shown.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)
    return shown, context


def mailed(settings: Settings, mailbox: Any, scheme: str = "smtp", who: str = "") -> Settings:
    """Give settings that want the digest by mail."""
    server = SecretStr(f"{scheme}://{who}127.0.0.1:{mailbox.server_address[1]}")
    return settings.model_copy(update={"digest_email": "a@example.org, b@example.org", "smtp_url": server})


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


def test_every_night_mails_what_is_new_unusual_retracted_and_failed(
    night: Night, settings: Settings, mailbox: Any, place: Path
) -> None:
    wanted = mailed(settings, mailbox)
    first, second = place / "a.xml", place / "b.xml"
    first.write_bytes(xml(trial("11")))
    retracted = (
        "<CommentsCorrectionsList><CommentsCorrections RefType='RetractionIn'/></CommentsCorrectionsList>"
    )
    sick = record("13", "Depressed adults received ketamine 0.5 mg/kg. Nausea occurred in 3 of 20 patients.")
    second.write_bytes(xml(record("11", extra=retracted), sick, record("12", "cut <i>")))
    night("nightly", first, where=wanted)
    night("nightly", second, where=wanted)
    letters = [message_from_string(letter, policy=default) for letter in mailbox.RequestHandlerClass.got]
    assert [letter["To"] for letter in letters] == ["a@example.org, b@example.org"] * 2
    assert letters[0]["Subject"].startswith("ketmine nightly (run 1) complete: 1 new studies")
    assert letters[1]["Subject"].startswith("ketmine nightly (run 2) incomplete")
    text = letters[1].get_content()
    for words in (
        *(
            "New studies: 1\n- PMID 13",
            "new: Nausea, ketamine, PMID 13: “Nausea occurred in 3 of 20 patients.”",
        ),
        *(
            "Retracted or deleted: 1\n- PMID 11",
            "retracted\n",
            "What failed: 1\n- 12: ",
            "not medical advice",
        ),
    ):
        assert words in text


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_goes_only_to_a_server_that_proves_who_it_is(
    night: Night,
    settings: Settings,
    mailbox: Any,
    source: Path,
    identity: tuple[Path, ssl.SSLContext],
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night("nightly", source)
    wanted = mailed(settings, mailbox, scheme, "me:s%40cret@")
    served = mailbox.RequestHandlerClass
    if scheme == "smtp":
        assert "NotSupported" in deliver(told(settings), wanted)[0]  # no TLS is no way for a password
    served.tls, served.offers = identity[1], "STARTTLS" if scheme == "smtp" else ""
    (trouble,) = deliver(told(settings), wanted)
    assert "certificate" in trouble.lower()
    assert (served.logins, served.got) == ([], [])
    monkeypatch.setenv("SSL_CERT_FILE", str(identity[0]))
    assert deliver(told(settings), wanted) == []
    assert served.logins == ["\0me\0s@cret"]
    assert len(served.got) == 1


def test_without_a_password_a_relay_may_bear_a_certificate_of_its_own(
    night: Night, settings: Settings, mailbox: Any, source: Path, identity: tuple[Path, ssl.SSLContext]
) -> None:
    night("nightly", source)
    mailbox.RequestHandlerClass.tls, mailbox.RequestHandlerClass.offers = identity[1], "STARTTLS"
    assert deliver(told(settings), mailed(settings, mailbox)) == []
    assert len(mailbox.RequestHandlerClass.got) == 1


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
