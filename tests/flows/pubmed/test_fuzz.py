"""Whatever becomes of the bytes of a record, it is read or named, and its neighbours are read as before."""

import io
import random
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.pubmed import Deleted, Received, Unparsable, read_records
from flows.pubmed.xml import SourceError

SAMPLE = (Path(__file__).parents[3] / "examples" / "sample.xml").read_bytes()
RECORDS = re.findall(rb"<PubmedArticle>.*?</PubmedArticle>", SAMPLE, re.DOTALL)
BEFORE, AFTER = RECORDS[0], RECORDS[1]
LONGEST = 2.0
"""CPU-seconds that no three records may take."""

SECRET = b"what no record may hold"
MARKUP = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<!--",
    b"<b>",
    b"</sup>",
    b"\x00",
    b"<?a?>",
    b"<![CDATA[",
    b"</PubmedArticle>",
]


class Bait:
    """A file and a port that a hostile record names, and whether either was touched."""

    def __init__(self, secret: Path, port: int) -> None:
        file, web = secret.as_uri().encode(), f"http://127.0.0.1:{port}/x".encode()
        entities = b'[<!ENTITY f SYSTEM "%s"><!ENTITY n SYSTEM "%s"><!ENTITY %% p SYSTEM "%s">%%p;' % (
            file,
            web,
            web,
        )
        bomb = b"".join(b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 9))
        self.head = b'<!DOCTYPE PubmedArticleSet SYSTEM "%s" %s<!ENTITY b0 "b">%s]>' % (web, entities, bomb)
        include = b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="%s" parse="text"/>'
        self.entities = [
            b"&f;",
            b"&n;",
            b"&b8;",
            b"&#0;",
            b"&#xFFFFFFF;",
            b"&amp;lt;b>",
            self.head,
            include % file,
        ]


def deleted(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    return inside[:at] + inside[at + rng.randint(1, 60) :]


def another_byte(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    return inside[:at] + rng.randbytes(1) + inside[at + 1 :]


def noise(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    return inside[:at] + rng.randbytes(rng.randint(1, 8)) + inside[at:]


def markup(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    return inside[:at] + rng.choice(MARKUP) + inside[at:]


def entity(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    return inside[:at] + rng.choice(bait.entities) + inside[at:]


def copied(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    other = rng.randrange(len(inside))
    return inside[:at] + inside[other : other + rng.randint(1, 200)] + inside[at:]


def cut(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    return inside[: max(at, 200)]  # enough for others to spoil


def nested(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    depth, name = rng.randint(1, 5000), rng.choice([b"b", b"sup", b"MeshHeading", b"PubmedArticle"])
    return inside[:at] + b"<%s>" % name * depth + b"x" + b"</%s>" % name * depth + inside[at:]


def other_encoding(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    text = f"{inside.decode(errors='replace')} é “µ”"
    return text.encode(rng.choice(["latin-1", "cp1252", "utf-16", "utf-32", "utf-7", "shift_jis"]), "replace")


def huge(inside: bytes, at: int, rng: random.Random, bait: Bait) -> bytes:
    field = rng.choice([b"a", b"0", b" ", b"NCT0", b"word ", b"&amp;", b"<i>", b"\xc2\xb5"])
    return inside[:at] + field * int(10 ** rng.uniform(2, 7.1) / len(field)) + inside[at:]


MUTATIONS = (deleted, another_byte, noise, markup, entity, copied, cut, nested, other_encoding, huge)


def mutated(record: bytes, rng: random.Random, bait: Bait) -> bytes:
    """Spoil the inside of a record in one to four places; its own tags stay, as they part it from the others."""
    head, tail = b"<PubmedArticle>", b"</PubmedArticle>"
    inside = record[len(head) : -len(tail)]
    for mutation in rng.choices(MUTATIONS, k=rng.randint(1, 4)):
        inside = mutation(inside, rng.randrange(len(inside)), rng, bait)
    return head + inside + tail


TOUCHED: list[str] = []
WATCHED: list[int] = []
"""The thread that reads, while it does."""


def note(event: str, arguments: tuple[object, ...]) -> None:
    """Note what Python opens and connects to; what an import opens is no reading."""
    if [threading.get_ident()] == WATCHED and event in ("open", "socket.connect", "socket.getaddrinfo"):
        name = str(arguments[0])
        if not name.endswith((".py", ".pyc", ".so")):
            TOUCHED.append(f"{event} {name}")


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bait]:
    """Lay the bait; in the end nobody has come to the port, and nothing was opened."""
    sys.addaudithook(note)  # for good: nothing takes one away, and it costs each event of a session something
    secret = tmp_path_factory.mktemp("bait") / "secret.txt"
    secret.write_bytes(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as port:
        port.setblocking(False)
        yield Bait(secret, port.getsockname()[1])
        with pytest.raises(BlockingIOError):
            port.accept()


@contextmanager
def nothing_is_opened() -> Iterator[None]:
    """See that no file is read and no connection made."""
    TOUCHED.clear()
    WATCHED.append(threading.get_ident())
    try:
        yield
    finally:
        WATCHED.clear()
    assert TOUCHED == []


def check(seed: int, bait: Bait) -> None:
    rng = random.Random(seed)
    spoiled = mutated(rng.choice(RECORDS), rng, bait)
    head = bait.head if rng.random() < 0.2 else b""
    xml = head + b"<PubmedArticleSet>" + BEFORE + spoiled + AFTER + b"</PubmedArticleSet>"
    started = time.process_time()
    with nothing_is_opened():
        got = list(read_records(io.BytesIO(xml), f"seed {seed}"))
    assert time.process_time() - started < LONGEST, seed
    assert all(isinstance(record, Received | Unparsable | Deleted) for record in got), seed
    received = [record for record in got if isinstance(record, Received)]
    assert [record.raw for record in received][:1] == [BEFORE], seed
    assert [record.raw for record in received][-1:] == [AFTER], seed
    assert len(got) >= 3, seed
    assert all(record.reason for record in got if isinstance(record, Unparsable)), seed
    # the fields that were read always make an article
    assert all(record.article.pmid == record.pmid for record in received), seed
    assert SECRET.decode() not in "".join(str(record.fields) for record in received), seed


@pytest.mark.parametrize("hundred", range(3))
def test_a_mutated_record_spoils_no_other(bait: Bait, hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        check(seed, bait)


@pytest.mark.soak
@pytest.mark.parametrize("thousand", range(10))
def test_ten_thousand_mutated_records_spoil_no_other(bait: Bait, thousand: int) -> None:
    for seed in range(1000 * thousand, 1000 * thousand + 1000):
        check(seed, bait)


def test_a_file_cut_anywhere_gives_the_records_before_the_cut() -> None:
    rng = random.Random(1)
    whole = list(read_records(io.BytesIO(SAMPLE), "whole"))
    for _ in range(40):
        at = rng.randrange(200, len(SAMPLE) - 40)
        complete = SAMPLE[:at].count(b"</PubmedArticle>") + SAMPLE[:at].count(b"</PubmedBookArticle>")
        kept = []
        with pytest.raises(SourceError, match="cut"):
            for record in read_records(io.BytesIO(SAMPLE[:at]), "cut"):
                kept.append(record)
        assert kept[:complete] == whole[:complete]
