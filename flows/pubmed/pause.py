"""How long to wait before something is tried again."""

import time
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 300.0
"""Seconds that a Retry-After is obeyed for at most."""


def pause(attempt: int, jitter: float, asked: float | None = None) -> float:
    """Give the seconds to wait after a failed attempt, the first being 0: as asked, or twice as long each time.

    `jitter` is a random number from 0 to 1, so that many who failed together do not come back together.
    """
    return min(LONGEST_PAUSE, asked if asked is not None else 2.0**attempt * (0.5 + jitter))


def retry_after(value: str | None) -> float | None:
    """Read a Retry-After, seconds or a date, as the seconds to wait; what is neither says nothing."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
