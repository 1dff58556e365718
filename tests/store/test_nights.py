"""A night that did not begin shows: when the last one that asked PubMed began, and whether another is late."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from store.database import now
from store.digest import digest
from store.nights import LATE, ago, is_late, last_night
from store.outlook import outlook
from store.runs import get_run, run_id_of, start_run


def begun(session: Session, hours: float, command: str = "nightly", **parameters: object) -> int:
    """Open a run that began some hours ago."""
    run = start_run(session, command, parameters)
    run.started_at = now() - timedelta(hours=hours)
    session.flush()
    return run_id_of(run)


@pytest.mark.parametrize(("hours", "late"), [(1, False), (25, False), (27, True), (24 * 30, True)])
def test_a_night_is_late_when_the_last_began_longer_ago_than_a_day(
    session: Session, hours: int, late: bool
) -> None:
    begun(session, hours)
    ahead = outlook(session)
    assert ahead.night is not None
    assert ahead.late is late


def test_only_nights_that_ask_pubmed_count(session: Session) -> None:
    night = begun(session, 50)
    begun(session, 1, sources=["a.xml"])
    begun(session, 1, "sweep")
    found = last_night(session)
    assert found is not None
    assert found.id == night
    assert last_night(session, before=night) is None
    assert outlook(session).late


def test_where_no_night_ever_asked_pubmed_none_is_waited_for(session: Session) -> None:
    begun(session, 500, sources=["a.xml"])
    assert not outlook(session).late
    assert not is_late(None)


def test_the_digest_tells_of_nights_that_were_left_out(session: Session) -> None:
    first, second, third = (begun(session, hours) for hours in (96, 24, 1))
    assert digest(session, second).night_before == get_run(session, first).started_at
    assert digest(session, third).night_before is None


@pytest.mark.parametrize(
    ("hours", "words"), [(0.5, "0 hours ago"), (1, "1 hour ago"), (47, "47 hours ago"), (72, "3 days ago")]
)
def test_how_long_ago_is_said_in_words(hours: float, words: str) -> None:
    at = now()
    assert ago(at - timedelta(hours=hours), at) == words
    assert is_late(at - timedelta(hours=hours), at) is (timedelta(hours=hours) > LATE)
