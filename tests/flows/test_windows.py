"""Nights that ask PubMed: a server on loopback over real sockets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

from flows.nightly import Plan, foretell
from flows.pubmed import EntrezError
from flows.settings import Settings
from store.tables import ArticleRow, Bookmark
from tests.flows.conftest import Night, findings, trial
from tests.flows.pubmed.ncbi import Library, serving, status

TODAY = datetime.now(UTC).date()


@pytest.fixture
def library() -> Iterator[Library]:
    """A stand-in for PubMed with three trials."""
    with serving(Library()) as served:
        for pmid in ("11", "12", "13"):
            add(served, pmid)
        yield served


def add(library: Library, pmid: str, day: str = "2026/01/01") -> None:
    library.records[pmid] = trial(pmid)
    library.created[pmid] = day


@pytest.fixture
def settings(settings: Settings, library: Library) -> Settings:
    """Settings that ask the stand-in."""
    return settings.model_copy(
        update={
            "entrez_url": library.url,
            "entrez_email": "someone@example.org",
            "entrez_api_key": SecretStr("k3y"),
        }
    )


def test_first_night_takes_all_and_the_second_its_window(
    night: Night, library: Library, look: Session
) -> None:
    first = night()
    assert (first.found, first.fetch["new"], first.status) == (3, 3, "complete")
    assert findings(look, "11") == ["adverse_event Dizziness", "dose 0.15 mg/kg"]
    library.requests.clear()
    add(library, "14", f"{TODAY:%Y/%m/%d}")
    second = night()
    assert (second.found, second.fetch["new"]) == (1, 1)
    searches = [asked for asked in library.requests if asked["path"].endswith("esearch.fcgi")]
    assert {asked["datetype"] for asked in searches} == {"crdt", "mdat"}
    assert {asked["mindate"] for asked in searches} == {f"{TODAY - timedelta(days=7):%Y/%m/%d}"}


def test_what_a_limit_defers_comes_first_the_next_night(night: Night) -> None:
    assert night(limit=2).fetch["deferred"] == 1
    assert (later := night()).fetch["new"] == 1
    assert later.fetch["deferred"] == 0


def test_a_pmid_without_a_record_is_missing_then_deleted(
    night: Night, library: Library, look: Session
) -> None:
    night()
    del library.records["12"]
    first = night("sweep")
    assert (first.fetch["missing"], first.fetch["unchanged"]) == (1, 2)
    assert "PMID 12" in first.unfinished
    second = night("retry")
    assert (second.fetch["deleted"], second.unfinished) == (1, None)
    assert look.get(ArticleRow, "12").deleted


def test_a_bookmark_waits_for_pubmed_to_come_back(night: Night, library: Library, look: Session) -> None:
    library.faults += [lambda *_: False] + [status(503, Retry_After="0")] * 40
    broken = night()
    assert broken.fetch["missing"] == 3
    assert broken.unfinished
    assert look.exec(select(Bookmark)).all() == []
    library.faults.clear()
    again = night()
    assert (again.fetch["new"], again.unfinished) == (3, None)


def test_a_late_since_leaves_the_bookmark(
    night: Night, look: Session, library: Library, settings: Settings
) -> None:
    night()
    library.requests.clear()
    night(since=TODAY + timedelta(days=1))
    assert {mark.until for mark in look.exec(select(Bookmark))} == {TODAY}
    assert library.requests[0]["mindate"] == f"{TODAY + timedelta(days=1):%Y/%m/%d}"


def test_a_dry_run_searches_and_fetches_nothing(settings: Settings, library: Library) -> None:
    foretold = foretell(settings, Plan(since=date(2025, 12, 1)))
    assert (foretold.found, foretold.new) == (3, 3)
    foretold = foretell(settings, Plan(since=date(2025, 12, 1), limit=1))
    assert (foretold.found, foretold.new, foretold.deferred) == (3, 1, 2)
    assert not [asked for asked in library.requests if "efetch" in asked["path"]]


def test_the_key_is_nowhere_but_in_requests(night: Night, library: Library, place) -> None:
    library.faults += [status(429, Retry_After="0")]
    night()
    assert library.requests[0]["api_key"] == "k3y"
    written = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert b"k3y" not in written


def test_without_an_address_pubmed_is_not_asked(night: Night, settings: Settings, library: Library) -> None:
    with pytest.raises(EntrezError, match="KETMINE_ENTREZ_EMAIL"):
        night(where=settings.model_copy(update={"entrez_email": None}))
    assert library.requests == []
