"""Nights that ask PubMed: a server on loopback over real sockets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

from flows.log import start_log
from flows.nightly import Plan, foretell
from flows.pubmed import EntrezError
from flows.settings import Settings
from store.articles import raw_record
from store.tables import ArticleRow, Bookmark, Run, RunRecord
from tests.flows.conftest import Night, findings, record, trial
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


def test_the_sweep_asks_for_every_pmid_held_and_finds_a_deleted_one_that_came_back(
    night: Night, library: Library, look: Session
) -> None:
    night()
    kept = library.records.pop("12")
    for _ in range(2):
        night("sweep")
    library.requests.clear()
    still = night("sweep")
    assert (still.found, still.fetch["unchanged"], still.unfinished) == (3, 3, None)
    assert library.requests[0]["id"] == "11,12,13"
    library.records["12"] = kept
    night("sweep")
    assert not look.get_one(ArticleRow, "12").deleted


def test_a_revision_comes_by_the_day_it_was_revised_and_is_read_again(
    night: Night, library: Library, look: Session
) -> None:
    night()
    library.records["12"] = record("12", "Depressed adults received ketamine 0.9 mg/kg.")
    library.revised["12"] = f"{TODAY:%Y/%m/%d}"
    second = night()
    assert (second.found, second.fetch["revised"], second.extraction["extracted"]) == (1, 1, 1)
    assert findings(look, "12") == ["dose 0.9 mg/kg"]


def test_fewer_ids_than_pubmed_counts_fail_the_run_by_name(
    night: Night, library: Library, look: Session
) -> None:
    library.created = {str(at): f"20{at % 20:02}/01/01" for at in range(12_000)} | {"20001": "1066/10/14"}
    with pytest.raises(EntrezError, match="1 are missing"):
        night()
    assert look.exec(select(Bookmark)).all() == []
    last = look.exec(select(Run)).one()
    assert (last.status, "gave 12000: 1 are missing" in str(last.reason)) == ("failed", True)


def test_a_record_that_pubmed_always_fails_on_is_left_to_the_next_night_and_holds_up_no_bookmark(
    night: Night, library: Library, look: Session
) -> None:
    library.faults = [
        lambda handler, asked, body: (
            "12" in asked.get("id", "").split(",") and status(400, Retry_After="0")(handler, asked, body)
        )
    ] * 1000
    first = night()
    assert (first.fetch["new"], first.fetch["missing"], first.status) == (2, 1, "incomplete")
    assert "PMID 12" in str(first.reason)
    assert len(look.exec(select(Bookmark)).all()) == 2
    library.faults.clear()
    second = night()  # the window no longer reaches back to it
    assert (second.fetch["new"], second.unfinished) == (1, None)


@pytest.mark.parametrize("command", ["nightly", "retry"])
def test_what_could_not_be_parsed_is_kept_as_received_and_taken_up_by_itself(
    night: Night, library: Library, look: Session, command: str
) -> None:
    broken = library.records["12"].replace("</Abstract>", "")
    whole, library.records["12"] = library.records["12"], broken
    first = night()
    assert (first.fetch["unparsable"], first.unfinished is None) == (1, False)
    line = look.get_one(RunRecord, (1, "12"))
    assert "not well-formed" in str(line.reason)
    assert raw_record(look, str(line.raw_hash)) == broken.encode()
    library.records["12"] = whole
    second = night(command)
    assert (second.found, second.fetch["new"], second.unfinished) == (1, 1, None)


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


def test_the_key_is_nowhere_but_in_requests(
    night: Night, settings: Settings, library: Library, place: Path
) -> None:
    library.faults += [status(429, Retry_After="0")]
    written_to = start_log(settings.model_copy(update={"log_level": "DEBUG"}))
    night()
    assert library.requests[0]["api_key"] == "k3y"
    written = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    assert b"nightly starts" in written_to.read_bytes()
    assert b"k3y" not in written


def test_without_an_address_pubmed_is_not_asked(night: Night, settings: Settings, library: Library) -> None:
    with pytest.raises(EntrezError, match="KETMINE_ENTREZ_EMAIL"):
        night(where=settings.model_copy(update={"entrez_email": None}))
    assert library.requests == []
