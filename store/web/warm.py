"""Make a server's first answers as quick as its later ones."""

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import sleep

from sqlalchemy import Engine

from nlp.errors import StoreError
from store.database import session_scope

OBJECTS = 100_000
"""How many objects more than before make Python look for cycles among the young ones (its default is 700)."""


SWITCH = 0.0005
"""Seconds after which a thread that computes lets another have the interpreter (Python's default is ten times as many).

A page asks the database a dozen times, and after each answer waits so long for every thread that computes meanwhile.
"""

QUIET = 2.0
"""Seconds without a request until it begins: for so long it takes half of the time of whoever asks meanwhile."""


def warm(engine: Engine, asked: Callable[[], int] = lambda: 0) -> Thread:
    """Do in the background what the first question would wait for, take turns sooner, look for garbage less often.

    `asked` counts the requests so far: it begins when none came for a while.

    An answer makes some hundred thousand tuples, none of them in a cycle: looking for cycles took half of its time.
    """
    sys.setswitchinterval(SWITCH)
    gc.freeze()
    gc.set_threshold(OBJECTS, 50, 100)
    thread = Thread(target=_first_answer, args=(engine, asked), daemon=True)
    thread.start()
    return thread


def _first_answer(engine: Engine, asked: Callable[[], int]) -> None:
    """Pool and draw once: statsmodels and matplotlib take seconds to import, and pools of rates are kept."""
    before = -1
    while asked() != before:
        before = asked()
        sleep(QUIET)
    from store.plots import draw
    from store.pooling import pool
    from store.questions.answer import Plot
    from store.questions.registry import ask

    pool(((1, 20), (3, 30)))
    draw(Plot(kind="bars", title="", across="", alt="", rows=(), points=()))
    with (
        suppress(StoreError),
        session_scope(engine, writes=False) as session,
    ):  # who asks is told what is wrong
        ask(session, "adverse-events")
