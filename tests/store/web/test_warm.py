"""A server that has started looks for garbage less often, and imports what the first question needs by itself."""

import gc
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from store.database import session_scope
from store.pooling import pool
from store.questions.registry import ask
from store.web.warm import OBJECTS, QUIET, SWITCH, warm


@pytest.fixture
def usual() -> Iterator[None]:
    """Leave this process as it was."""
    before, switch = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.set_threshold(*before)
    sys.setswitchinterval(switch)
    gc.unfreeze()


@pytest.mark.usefixtures("usual")
def test_what_the_first_question_needs_is_done_in_the_background(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.web.warm.QUIET", 0)
    pool.cache_clear()
    started = warm(engine)
    assert started.daemon, "it must not keep a server from stopping"
    started.join(60)
    assert {"statsmodels.stats.meta_analysis", "matplotlib.figure"} <= set(sys.modules)
    made = pool.cache_info().misses
    with session_scope(engine, writes=False) as session:
        ask(session, "adverse-events")
    assert pool.cache_info().misses == made, "the rates of the store were pooled already"
    assert made > 1
    assert gc.get_threshold()[0] == OBJECTS
    assert sys.getswitchinterval() == pytest.approx(SWITCH)


@pytest.mark.usefixtures("usual")
def test_it_waits_until_nobody_asks(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, waited = iter([0, 0, 3, 3, 5, 5, 5]), list[float]()
    monkeypatch.setattr("store.web.warm.sleep", waited.append)
    warm(engine, lambda: next(asked)).join(60)
    assert waited == [QUIET] * 3
