"""Every record found is accounted for, and the sums are checked."""

from datetime import date

import pytest
from sqlmodel import Session

from nlp.errors import StoreError
from store.runs import (
    BROKEN_OFF,
    account,
    bookmark,
    count,
    file_done,
    finish_file,
    finish_run,
    get_run,
    last_fetch,
    ledger,
    move_bookmark,
    name_reader,
    pending_retries,
    records,
    run_id_of,
    start_run,
)
from store.tables import Extraction, Fetch, RunStatus


def test_the_ledger_adds_up(session: Session, run_id: int) -> None:
    account(session, run_id, "1", fetch=Fetch.NEW, extraction=Extraction.EXTRACTED)
    account(session, run_id, "2", fetch=Fetch.REVISED, extraction=Extraction.WITHOUT_ABSTRACT)
    account(session, run_id, "3", fetch=Fetch.UNCHANGED)
    account(session, run_id, "4", fetch=Fetch.DELETED)
    counts = ledger(session, run_id)
    assert (counts.found, counts.fetch["new"], counts.fetch["missing"]) == (4, 1, 0)
    assert counts.fetched_adds_up
    assert counts.extracted_adds_up
    assert finish_run(session, run_id) == RunStatus.COMPLETE


def test_a_new_article_that_nobody_extracted_does_not_add_up(session: Session, run_id: int) -> None:
    account(session, run_id, "1", fetch=Fetch.NEW)
    assert not ledger(session, run_id).extracted_adds_up
    assert finish_run(session, run_id) == RunStatus.INCOMPLETE


def test_a_record_in_no_known_state_does_not_add_up(session: Session, run_id: int) -> None:
    account(session, run_id, "1", fetch="lost")  # type: ignore[arg-type]
    assert not ledger(session, run_id).fetched_adds_up
    assert finish_run(session, run_id) == RunStatus.INCOMPLETE


def test_what_a_run_found_and_the_ledger_lacks_is_said(session: Session, run_id: int) -> None:
    account(session, run_id, "1", fetch=Fetch.UNCHANGED)
    assert finish_run(session, run_id, found=1) == RunStatus.COMPLETE
    assert finish_run(session, run_id, found=2) == RunStatus.INCOMPLETE
    assert "2 records were found and 1 stand in the ledger" in str(get_run(session, run_id).reason)


@pytest.mark.parametrize("state", [Fetch.UNPARSABLE, Fetch.MISSING, Fetch.DEFERRED])
def test_work_that_is_left_makes_a_run_incomplete_and_is_taken_up_again(
    session: Session, run_id: int, state: Fetch
) -> None:
    account(session, run_id, "7", fetch=state, reason="the answer left it out")
    assert finish_run(session, run_id) == RunStatus.INCOMPLETE
    assert pending_retries(session) == ["7"]
    later = run_id_of(start_run(session, "nightly", {}))
    account(session, later, "7", fetch=Fetch.NEW, extraction=Extraction.EXTRACTED)
    assert pending_retries(session) == []


def test_what_became_of_a_record_before(session: Session, run_id: int) -> None:
    account(session, run_id, "7", fetch=Fetch.MISSING)
    later = run_id_of(start_run(session, "sweep", {}))
    account(session, later, "7", fetch=Fetch.DEFERRED)
    assert last_fetch(session, "7", later) == Fetch.MISSING
    assert last_fetch(session, "7", run_id) is None


def test_other_counts_add_up_over_a_run(session: Session, run_id: int) -> None:
    count(session, run_id, read=500, off_topic=499)
    count(session, run_id, read=3)
    assert get_run(session, run_id).counts == {"read": 503, "off_topic": 499}


def test_a_record_met_again_in_the_same_run_stays_new(session: Session, run_id: int) -> None:
    account(session, run_id, "1", fetch=Fetch.NEW)
    account(session, run_id, "1", fetch=Fetch.UNCHANGED)
    assert [line.fetch for line in records(session, run_id, "new")] == ["new"]


def test_a_record_without_pmid_is_in_the_ledger_but_not_fetched_again(session: Session, run_id: int) -> None:
    account(session, run_id, "raw:abc", fetch=Fetch.UNPARSABLE, reason="no PMID")
    assert ledger(session, run_id).found == 1
    assert pending_retries(session) == []


def test_a_run_that_was_killed_is_said_to_be_so_by_the_next(session: Session, run_id: int) -> None:
    start_run(session, "nightly", {})
    killed = get_run(session, run_id)
    assert (killed.status, killed.reason) == (RunStatus.FAILED, BROKEN_OFF)


def test_a_bookmark_only_moves_forward(session: Session, run_id: int) -> None:
    assert bookmark(session, "crdt") is None
    move_bookmark(session, "crdt", date(2026, 5, 2), run_id)
    move_bookmark(session, "crdt", date(2026, 5, 1), run_id)
    assert bookmark(session, "crdt") == date(2026, 5, 2)


def test_a_file_that_was_read_is_remembered_by_its_content(session: Session, run_id: int) -> None:
    assert not file_done(session, "f" * 64)
    finish_file(session, "f" * 64, "pubmed26n0001.xml.gz", run_id, 30000)
    finish_file(session, "f" * 64, "a copy.xml.gz", run_id, 30000)
    assert file_done(session, "f" * 64)


def test_an_unknown_run_is_named(session: Session) -> None:
    with pytest.raises(StoreError, match="no run 77"):
        get_run(session, 77)
    with pytest.raises(StoreError, match="Nothing was run yet"):
        get_run(session)


def test_a_run_says_which_version_it_read_with(session: Session, run_id: int) -> None:
    name_reader(session, run_id, "rules", "1+abc")
    assert (get_run(session, run_id).pipeline, get_run(session, run_id).version) == ("rules", "1+abc")
