"""Pauses double, differ by chance, and are as long as the server asks."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from flows.pubmed.pause import LONGEST_PAUSE, pause, retry_after


def test_a_pause_doubles_with_each_attempt_and_those_who_failed_together_part() -> None:
    assert [pause(attempt, 0.5) for attempt in range(4)] == [1, 2, 4, 8]
    assert (pause(2, 0.0), pause(2, 1.0)) == (2, 6)
    assert pause(30, 0.5) == LONGEST_PAUSE


def test_what_the_server_asks_for_takes_its_place_within_reason() -> None:
    assert pause(0, 0.5, asked=7) == 7
    assert pause(0, 0.5, asked=1e6) == LONGEST_PAUSE


@pytest.mark.parametrize(
    ("value", "seconds"), [(None, None), ("", None), ("7", 7), (" 7 ", 7), ("soon", None)]
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    now = datetime.now(UTC)
    seconds = retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True))
    assert seconds is not None
    assert 60 < seconds <= 90
    assert retry_after(format_datetime(now - timedelta(hours=1), usegmt=True)) == 0
