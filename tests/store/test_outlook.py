"""How things stand between two nights: bookmarks, what is left, what keeps failing, the last runs."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session

from store.outlook import outlook
from store.runs import account, finish_run, move_bookmark, name_reader, run_id_of, start_run
from store.tables import Extraction, Fetch
from tests.store.conftest import article, reading

pytestmark = pytest.mark.usefixtures("run_id")


def test_what_is_left_is_the_last_word_on_each_record(session: Session, run_id: int) -> None:
    for key, state in (
        ("1", Fetch.DEFERRED),
        ("2", Fetch.MISSING),
        ("3", Fetch.UNPARSABLE),
        ("4", Fetch.NEW),
    ):
        account(session, run_id, key, fetch=state, reason=f"so {state}", source="a.xml")
    account(session, run_id, "raw:0", fetch=Fetch.UNPARSABLE)
    account(session, run_id, "4", extraction=Extraction.FAILED, reason="a component broke")
    finish_run(session, run_id)
    later = run_id_of(start_run(session, "retry", {}))
    account(session, later, "2", fetch=Fetch.NEW, extraction=Extraction.DEFERRED)
    ahead = outlook(session)
    assert ahead.left == {"deferred": 1, "unparsable": 1, "no_pmid": 1, "failed": 1}
    assert ahead.total == 4
    assert [(line.key, line.state) for line in ahead.records] == [
        ("3", "unparsable"),
        ("4", "failed"),
        ("raw:0", "unparsable"),
        ("1", "deferred"),
    ]
    assert ahead.records[1].reason == "a component broke"
    assert [(line.run, line.source) for line in ahead.records[-1:]] == [(run_id, "a.xml")]
    assert len(outlook(session, limit=2).records) == 2


def test_bookmarks_say_how_far_each_window_is_done(session: Session, run_id: int) -> None:
    move_bookmark(session, "mdat:0123456789abcdef", date(2026, 2, 3), run_id)
    (mark,) = outlook(session).bookmarks
    assert (mark.window, mark.query, mark.until) == ("records revised (MDAT)", "01234567", date(2026, 2, 3))


def test_articles_that_the_last_pipeline_version_has_not_read_are_counted(
    session: Session, run_id: int, keep: Callable
) -> None:
    keep(article())
    assert outlook(session).unread == 0  # no pipeline was named yet
    name_reader(session, run_id, "rules", "1")
    assert outlook(session).unread == 0
    keep(article("9900002"), reading(article("9900002"), version="2"))
    assert outlook(session).unread == 1


def test_the_last_runs_come_with_their_ledgers(session: Session, run_id: int) -> None:
    account(session, run_id, "1", fetch=Fetch.NEW, extraction=Extraction.EXTRACTED)
    start_run(session, "retry", {})
    last, first = outlook(session).recent
    assert (last.command, last.found, last.fetch) == ("retry", 0, {})
    assert (first.fetch, first.extraction, first.adds_up) == ({"new": 1}, {"extracted": 1}, True)
    assert len(outlook(session, last=1).recent) == 1
