"""Whatever becomes of the bytes of a record, it is read or named, and its neighbours are read as before."""

import io
import random
import re
import time
from pathlib import Path

import pytest

from flows.pubmed import Deleted, Received, Unparsable, read_records
from flows.pubmed.xml import SourceError

SAMPLE = (Path(__file__).parents[3] / "examples" / "sample.xml").read_bytes()
RECORDS = re.findall(rb"<PubmedArticle>.*?</PubmedArticle>", SAMPLE, re.DOTALL)
BEFORE, AFTER = RECORDS[0], RECORDS[1]
LONGEST = 2.0
"""CPU-seconds that no three records may take."""


def mutated(record: bytes, rng: random.Random) -> bytes:
    """Spoil the inside of a record in one to four places; its own tags stay, as they part it from the others."""
    head, tail = b"<PubmedArticle>", b"</PubmedArticle>"
    inside = bytearray(record[len(head) : -len(tail)])
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(inside))
        kind = rng.randrange(6)
        if kind == 0:
            del inside[at : at + rng.randint(1, 60)]
        elif kind == 1:
            inside[at] = rng.randrange(256)
        elif kind == 2:
            inside[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
        elif kind == 3:
            inside[at:at] = rng.choice(
                [b"<", b">", b"&", b"&x;", b"]]>", b"<!--", b"<b>", b"</sup>", b"\x00", b"<?a?>"]
            )
        elif kind == 4:
            other = rng.randrange(len(inside))
            inside[at:at] = inside[other : other + rng.randint(1, 200)]
        else:
            inside[at : at + 1] = inside[at : at + 1] * rng.randint(2, 400)
    return head + bytes(inside) + tail


def check(seed: int) -> None:
    rng = random.Random(seed)
    spoiled = mutated(rng.choice(RECORDS), rng)
    xml = b"<PubmedArticleSet>" + BEFORE + spoiled + AFTER + b"</PubmedArticleSet>"
    started = time.process_time()
    got = list(read_records(io.BytesIO(xml), f"seed {seed}"))
    assert time.process_time() - started < LONGEST, seed
    assert all(isinstance(record, Received | Unparsable | Deleted) for record in got), seed
    received = [record.raw for record in got if isinstance(record, Received)]
    assert received[:1] == [BEFORE], seed
    assert received[-1:] == [AFTER], seed
    assert len(got) >= 3, seed
    assert all(record.reason for record in got if isinstance(record, Unparsable)), seed
    # the fields that were read always make an article
    assert all(record.article.pmid == record.pmid for record in got if isinstance(record, Received)), seed


@pytest.mark.parametrize("hundred", range(3))
def test_a_mutated_record_spoils_no_other(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        check(seed)


@pytest.mark.soak
@pytest.mark.parametrize("thousand", range(10))
def test_ten_thousand_mutated_records_spoil_no_other(thousand: int) -> None:
    for seed in range(1000 * thousand, 1000 * thousand + 1000):
        check(seed)


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
