"""A stand-in for the E-utilities on loopback: real sockets, NCBI's documented limits, and faults to order."""

import random
import re
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Fault = Callable[["Handler", dict[str, str], bytes], bool]
"""What to do instead of answering; it says whether it did. It gets the good answer to spoil."""


def record(pmid: str, title: str = "Ketamine for depression", body: str = "We gave 0.5 mg/kg.") -> str:
    """Make a PubMed record."""
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}'
        f"</ArticleTitle><Abstract><AbstractText>{body}</AbstractText></Abstract></Article></MedlineCitation>"
        "<PubmedData/></PubmedArticle>"
    )


@dataclass
class Library:
    """What the server holds, how it behaves, and what it was asked."""

    records: dict[str, str] = field(default_factory=dict)
    created: dict[str, str] = field(default_factory=dict)
    revised: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    hidden: int = 0
    spoiled: int = 0
    url: str = ""

    def over(self, per_second: float) -> int:
        """Count the requests that came while as many as a second allows had come in the second before."""
        moments, allowed = self.times, int(per_second)
        return sum(later - earlier < 1 for earlier, later in zip(moments, moments[allowed:], strict=False))

    def hold(self, *pmids: str, day: str = "2026/01/01") -> "Library":
        """Put plain records in, made on a day."""
        for pmid in pmids:
            self.records[pmid] = record(pmid)
            self.created[pmid] = day
        return self


class Handler(BaseHTTPRequestHandler):
    """Play esearch and efetch."""

    protocol_version = "HTTP/1.1"
    library: Library

    def do_GET(self) -> None:
        """Answer a GET."""
        self.answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        """Answer a POST."""
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, query: str) -> None:
        """Answer, unless a fault is due."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        path = urlsplit(self.path).path
        asked |= {"path": path, "method": self.command}
        self.library.times.append(time.monotonic())
        self.library.requests.append(asked)
        body = self.searched(asked) if path.endswith("/esearch.fcgi") else self.fetched(asked)
        if self.library.faults and self.library.faults.pop(0)(self, asked, body):
            self.library.spoiled += 1
            return
        self.send(200, body)

    def send(self, code: int, body: bytes, kind: str = "text/xml", **headers: str) -> None:
        """Send an answer."""
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def searched(self, asked: dict[str, str]) -> bytes:
        """List the ids that fit the window and the term's own days, 9,999 at most."""
        created = self.library.created
        dates = {"crdt": created, "mdat": created | self.library.revised}
        spans = [("crdt", *span) for span in re.findall(r'"([\d/]+)"\[crdt\] : "([\d/]+)"', asked["term"])]
        if "mindate" in asked:
            spans.append((asked["datetype"], asked["mindate"], asked["maxdate"]))
        found = [
            pmid for pmid in created if all(first <= dates[kind][pmid] <= last for kind, first, last in spans)
        ]
        shown = found[: min(int(asked.get("retmax", 20)), 9_999)]
        ids = "".join(f"<Id>{pmid}</Id>" for pmid in shown)
        count = len(found) + self.library.hidden
        return f"<eSearchResult><Count>{count}</Count><IdList>{ids}</IdList></eSearchResult>".encode()

    def fetched(self, asked: dict[str, str]) -> bytes:
        """Give the records held of the ids asked for."""
        pmids = asked.get("id", "").split(",")
        if len(pmids) > 200:
            return b"<eFetchResult><ERROR>Too many ids</ERROR></eFetchResult>"
        records = "".join(self.library.records.get(pmid, "") for pmid in pmids)
        return f'<?xml version="1.0"?><PubmedArticleSet>{records}</PubmedArticleSet>'.encode()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def status(code: int, **headers: str) -> Fault:
    """Answer with a status."""

    def fault(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
        handler.send(code, b"no", "text/plain", **headers)
        return True

    return fault


def instead(body: bytes, kind: str = "text/xml") -> Fault:
    """Answer 200 with another body."""

    def fault(handler: Handler, asked: dict[str, str], _: bytes) -> bool:
        handler.send(200, body, kind)
        return True

    return fault


def reset(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Close the connection without an answer."""
    handler.close_connection = True
    handler.connection.close()
    return True


def babble(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Answer with something that is not HTTP."""
    handler.wfile.write(b"220 mail.example ready\r\n")
    handler.close_connection = True
    return True


def cut(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Promise the whole body and send half of it."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True
    return True


def half(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Send half of the body as if it were whole."""
    handler.send(200, body[: len(body) // 2])
    return True


def silence(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Answer nothing until whoever asked has gone."""
    select.select([handler.connection], [], [])
    handler.close_connection = True
    return True


def drip(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Send a byte now and then until whoever asked has gone: no single wait is long."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    for at in range(len(body)):
        handler.wfile.write(body[at : at + 1])
        if select.select([handler.connection], [], [], 0.02)[0]:
            break
    handler.close_connection = True
    return True


def leave_out(handler: Handler, asked: dict[str, str], body: bytes) -> bool:
    """Leave out every second record of a fetch."""
    pieces = re.split(rb"(?=<PubmedArticle>)", body)
    if len(pieces) < 3:
        return False
    handler.send(200, b"".join([pieces[0], *pieces[1:-1:2]]) + b"</PubmedArticleSet>")
    return True


FAULTS: dict[str, Fault] = {
    "400": status(400),
    "429": status(429),
    "429 with Retry-After": status(429, Retry_After="7"),
    "500": status(500),
    "502": status(502),
    "503": status(503),
    "reset": reset,
    "silence": silence,
    "cut body": cut,
    "half a body": half,
    "empty body": instead(b""),
    "HTML": instead(b"<!DOCTYPE html><html><body>maintenance</body></html>", "text/html"),
    "an ERROR document": instead(b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>"),
    "an expired WebEnv": instead(b"<eSearchResult><ERROR>WebEnv expired</ERROR></eSearchResult>"),
    "plain text": instead(b"Search Backend failed", "text/plain"),
    "records left out": leave_out,
}
"""Each fault that a night has met, by name."""


def random_faults(seed: int, number: int, share: float = 0.4) -> list[Fault]:
    """Give a mixture of faults and good answers."""
    rng = random.Random(seed)
    good: Fault = lambda *_: False  # noqa: E731
    return [rng.choice(list(FAULTS.values())) if rng.random() < share else good for _ in range(number)]


@contextmanager
def serving(library: Library) -> Iterator[Library]:
    """Serve a library on loopback."""
    handler = type("OneLibrary", (Handler,), {"library": library})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    library.url = f"http://127.0.0.1:{server.server_port}/entrez/eutils"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield library
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
