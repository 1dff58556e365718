"""A server that has started looks for garbage less often, and imports what the first question needs by itself."""

import gc
import sys
from collections.abc import Iterator

import pytest

from store.web.warm import OBJECTS, SWITCH, warm


@pytest.fixture
def usual() -> Iterator[None]:
    """Leave this process as it was."""
    before, switch = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.set_threshold(*before)
    sys.setswitchinterval(switch)
    gc.unfreeze()


@pytest.mark.usefixtures("usual")
def test_what_the_first_question_needs_is_imported_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.web.warm.LATER", 0)
    started = warm()
    assert started.daemon, "it must not keep a server from stopping"
    started.join(60)
    assert {"statsmodels.stats.meta_analysis", "matplotlib.figure"} <= set(sys.modules)
    assert gc.get_threshold()[0] == OBJECTS
    assert sys.getswitchinterval() == pytest.approx(SWITCH)
