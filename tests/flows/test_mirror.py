"""Bulk files from an HTTP mirror: whole or not at all, politely, each once; the server and its faults are real."""

import gzip
import hashlib
import re
import select
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlmodel import Session

from flows import mirror, sources
from flows.cli.edge import ExitCode
from flows.nightly import Plan, foretell
from flows.settings import Settings
from nlp.errors import KetmineError
from tests.flows.cli.conftest import ketmine  # noqa: F401
from tests.flows.conftest import Night, contents, findings, record, trial, xml

Fault = Callable[["Server", bytes], None]
FIRST, SECOND = "pubmed26n0001.xml.gz", "pubmed26n0002.xml.gz"


class Server(BaseHTTPRequestHandler):
    """Serve files from memory, or do what a fault says, once."""

    protocol_version = "HTTP/1.1"
    files: dict[str, bytes]
    faults: dict[str, list[Fault]]
    asked: list[tuple[str, str | None]]
    agents: set[str | None]

    def do_GET(self) -> None:
        """Answer."""
        name = self.path.rsplit("/", 1)[-1]
        self.asked.append((name, self.headers.get("Range")))
        self.agents.add(self.headers.get("User-Agent"))
        body = self.files.get(name)
        if body is None:
            self.send(404, b"no such file")
        elif self.faults.get(name):
            self.faults[name].pop(0)(self, body)
        else:
            self.good(body)

    def good(self, body: bytes) -> None:
        """Send a file, from where it was asked for."""
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if not wanted:
            self.send(200, body)
        elif int(wanted[1]) >= len(body):
            self.send(416, b"")
        else:
            start = int(wanted[1])
            self.send(206, body[start:], Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")

    def send(self, code: int, body: bytes, **headers: str) -> None:
        """Send an answer."""
        self.send_response(code)
        for name, value in (headers | {"Content_Length": str(len(body))}).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def cut(server: Server, body: bytes) -> None:
    """Promise the whole file and send half of it."""
    server.send_response(200)
    server.send_header("Content-Length", str(len(body)))
    server.end_headers()
    server.wfile.write(body[: len(body) // 2])
    server.close_connection = True


def reset(server: Server, body: bytes) -> None:
    """Close the connection without an answer."""
    server.close_connection = True
    server.connection.close()


def busy(server: Server, body: bytes) -> None:
    """Ask for patience."""
    server.send(503, b"later", Retry_After="7")


def spoiled(server: Server, body: bytes) -> None:
    """Send as many other bytes."""
    server.send(200, bytes(len(body)))


def from_the_start(server: Server, body: bytes) -> None:
    """Know nothing of ranges."""
    server.send(200, body)


def drip(server: Server, body: bytes) -> None:
    """Send half of the file and then a byte now and then, until whoever asked has gone."""
    server.send_response(200)
    server.send_header("Content-Length", str(len(body)))
    server.end_headers()
    server.wfile.write(body[: len(body) // 2])
    for at in range(len(body) // 2, len(body)):
        if select.select([server.connection], [], [], 0.02)[0]:
            break
        server.wfile.write(body[at : at + 1])
    server.close_connection = True


class Site:
    """A server with two bulk files, their MD5 and the page that lists them; its pauses are noted, not slept."""

    def __init__(self, url: str, served: type[Server]) -> None:
        self.url, self.files, self.faults, self.asked = url, served.files, served.faults, served.asked
        self.agents = served.agents
        self.pauses: list[float] = []

    def put(self, name: str, *records: str, md5: bool = True) -> None:
        """Lay a file there."""
        self.files[name] = gzip.compress(xml(*records))
        if md5:
            said = hashlib.md5(self.files[name]).hexdigest()
            self.files[f"{name}.md5"] = f"MD5({name})= {said}\n".encode()

    def fetched(self, name: str) -> int:
        """Count how often a file was asked for."""
        return [asked for asked, _ in self.asked].count(name)


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[str, type[Server]]]:
    """One server for all tests."""
    Server.files, Server.faults, Server.asked, Server.agents = {}, {}, [], set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/pubmed/baseline/", Server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site(serving: tuple[str, type[Server]], monkeypatch: pytest.MonkeyPatch) -> Site:
    """The server as it is at first."""
    url, served = serving
    for kept in (served.files, served.faults, served.asked, served.agents):
        kept.clear()
    made = Site(url, served)
    monkeypatch.setattr(mirror, "PER_SECOND", 1000.0)
    monkeypatch.setattr(sources, "Mirror", partial(mirror.Mirror, sleep=made.pauses.append, timeout=5))
    made.put(FIRST, trial("11"), record("12", "Of gout.", "Gout"))
    made.put(SECOND, trial("13"), record("11", "Ketamine 0.7 mg/kg for depression."))
    links = "".join(
        f'<a href="{name}">{name}</a>' for name in (SECOND, f"{SECOND}.md5", FIRST, "../other/x.xml")
    )
    made.files[""] = f"<html><body><a href='../'>up</a>{links}</body></html>".encode()
    return made


def test_a_page_gives_its_files_in_the_order_of_names(night: Night, site: Site, look: Session) -> None:
    report = night("nightly", site.url)
    assert (report.status, report.fetch["new"]) == ("complete", 2)
    assert report.counts == {"read": 4, "off_topic": 1}
    assert findings(look, "11") == ["dose 0.7 mg/kg"]
    assert site.fetched("x.xml") == 0


def test_what_was_read_is_not_fetched_again(night: Night, site: Site, settings: Settings) -> None:
    night("nightly", site.url)
    before = contents(settings)
    site.asked.clear()
    report = night("nightly", site.url)
    assert (report.status, report.counts) == ("complete", {})
    assert contents(settings) == before
    assert (site.fetched(FIRST), site.fetched(SECOND)) == (0, 0)
    site.put(SECOND, trial("15"))
    assert night("nightly", site.url).fetch["new"] == 1
    assert (site.fetched(FIRST), site.fetched(SECOND)) == (0, 1)


@pytest.mark.parametrize(
    ("faults", "ranges"),
    [
        ([cut], [None, "half"]),
        ([cut, cut, reset], [None, "half", "half", "half"]),
        ([cut, from_the_start], [None, "half"]),
        ([busy], [None, None]),
        ([spoiled], [None, None]),
    ],
    ids=["cut", "cut, cut and reset", "cut, and no ranges", "busy", "spoiled once"],
)
def test_no_fault_shows_in_the_store(
    night: Night, site: Site, look: Session, faults: list[Fault], ranges: list[str | None]
) -> None:
    site.faults[FIRST] = list(faults)
    report = night("nightly", f"{site.url}{FIRST}")
    assert (report.status, report.fetch["new"]) == ("complete", 1)
    assert findings(look, "11") == ["adverse_event Dizziness", "dose 0.15 mg/kg"]
    half = f"bytes={len(site.files[FIRST]) // 2}-"
    assert [range for name, range in site.asked if name == FIRST] == [half if r else None for r in ranges]
    assert site.pauses[:1] == ([7.0] if busy in faults else site.pauses[:1])


def test_a_file_that_never_ends_is_asked_for_from_where_it_is(
    night: Night, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "Mirror", partial(sources.Mirror, longest=0.5))
    site.faults[FIRST] = [drip]
    assert night("nightly", site.url + FIRST).status == "complete"
    assert [bool(asked) for name, asked in site.asked if name == FIRST][:2] == [False, True]


def test_a_file_that_no_md5_tells_of_may_take_as_long_as_it_does(tmp_path: Path, site: Site) -> None:
    site.put(FIRST, trial("17"), md5=False)
    with mirror.Mirror(tmp_path, longest=0.0).fetched(f"{site.url}{FIRST}", None) as path:
        assert path.read_bytes() == site.files[FIRST]
    assert site.fetched(FIRST) == 1


def test_a_wrong_md5_is_said_and_nothing_is_read(night: Night, site: Site, place: Path) -> None:
    site.files[f"{FIRST}.md5"] = b"0" * 32 + b"  " + FIRST.encode()
    report = night("nightly", site.url)
    assert report.fetch["new"] == 2  # those of the other file
    assert (report.status, site.fetched(FIRST)) == ("incomplete", 2)
    assert f"{FIRST} is not what" in report.reason
    site.put(FIRST, trial("17"))
    assert night("nightly", site.url).fetch["new"] == 1
    assert list((place / "var/downloads").iterdir()) == []


@pytest.mark.parametrize(("fault", "said"), [(busy, "503"), (reset, "5 tries")])
def test_a_file_that_does_not_come_keeps_no_other(night: Night, site: Site, fault: Fault, said: str) -> None:
    site.faults[FIRST] = [fault] * 99
    report = night("nightly", site.url)
    assert (report.status, report.fetch["new"], site.fetched(FIRST)) == ("incomplete", 2, 5)
    assert said in report.reason
    assert len(site.pauses) == 4


def test_without_an_md5_a_file_is_read_once_too(night: Night, site: Site) -> None:
    site.put(FIRST, trial("11"), md5=False)
    del site.files[f"{FIRST}.md5"]
    site.faults[FIRST] = [cut]
    assert night("nightly", f"{site.url}{FIRST}").fetch["new"] == 1
    assert [range for name, range in site.asked if name == FIRST] == [None, None]
    assert night("nightly", f"{site.url}{FIRST}").counts == {}


def test_a_mirror_that_is_gone_is_not_asked_for_every_file(night: Night, site: Site) -> None:
    for number in range(3, 9):
        site.put(f"pubmed26n000{number}.xml.gz", trial("11"))
    site.files[""] = "".join(f"<a href='{name}'>" for name in site.files if name.endswith("gz")).encode()
    site.faults |= {name: [reset] * 99 for name in site.files if name}
    with pytest.raises(KetmineError, match="12 times in a row"):
        night("nightly", site.url)
    assert len(site.asked) == 13


def test_a_limit_fetches_no_more_than_it_needs(night: Night, site: Site, settings: Settings) -> None:
    foretold = foretell(settings, Plan(sources=(site.url,), limit=1))
    assert (foretold.found, foretold.new, foretold.deferred, foretold.off_topic) == (2, 1, 1, 1)
    site.asked.clear()
    assert night("nightly", site.url, limit=1).fetch["new"] == 1
    assert site.fetched(SECOND) == 0
    assert night("nightly", site.url).fetch["new"] == 1


def test_what_comes_in_is_shown(site: Site, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []

    def watch(pieces, what, total, weigh):
        for piece in pieces:
            seen.append((what, total, weigh(piece)))
            yield piece

    with mirror.Mirror(tmp_path, watch=watch).fetched(f"{site.url}{FIRST}", None) as path:
        assert path.read_bytes() == site.files[FIRST]
    size = len(site.files[FIRST])
    assert {(what, total) for what, total, _ in seen} == {(f"Fetching {FIRST}", size)}
    assert sum(weight for _, _, weight in seen) == size


def test_it_says_who_asks(night: Night, site: Site, settings: Settings) -> None:
    night("nightly", site.url, where=settings.model_copy(update={"entrez_email": "a@example.org"}))
    assert site.agents == {"ketmine (a@example.org)"}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing.xml", "the server says 404"),
        ("empty.html", "links to no .xml or .xml.gz file"),
        ("../baseline", "links to no .xml"),
    ],
)
def test_a_wrong_address_is_explained(ketmine, site: Site, path: str, said: str) -> None:  # noqa: F811
    ketmine("db", "upgrade")
    site.files |= {"empty.html": b"<p>nothing</p>", "baseline": b""}
    result = ketmine("nightly", "--source", f"{site.url}{path}")
    assert result.exit_code == (ExitCode.PARTLY if path.endswith(".xml") else ExitCode.IMPOSSIBLE)
    assert said in result.stderr
    secret = ketmine("nightly", "--source", site.url.replace("://", "://me:pw@"))
    assert (secret.exit_code, "pw" in secret.stderr) == (ExitCode.IMPOSSIBLE, False)
