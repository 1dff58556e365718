"""What was worked out is kept as long as the store stays the same, so that a page, its plot and its tables are of one."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlmodel import Session

from store.questions.evidence import state

Made = TypeVar("Made")

Kept = OrderedDict[Hashable, Future[Any]]
"""What was made, by what was asked and the state of the store; the oldest first."""


def held(kept: Kept, session: Session, asked: Hashable, most: int, make: Callable[[], Made]) -> Made:
    """Give what was made of the store as it is now, or make it; whoever asks the same meanwhile waits for it.

    No more than `most` are kept. What was made of another state of the store is never given.
    """
    key = (asked, state(session))
    mine: Future[Made] = Future()
    answer = kept.setdefault(key, mine)
    if answer is mine:
        try:
            mine.set_result(make())
        except BaseException as error:
            kept.pop(key, None)
            mine.set_exception(error)
            raise
        while len(kept) > most:
            kept.popitem(last=False)
    return answer.result()
