"""What runs share: batches are done in their order, and begin before their turn."""

from collections.abc import Iterator

import pytest

from flows.settings import Settings
from flows.work import Part, Work, one_by_one
from store.database import connect

BATCHES = [["1"], ["2"], ["3"]]


@pytest.fixture
def said() -> list[str]:
    """What was done, in order."""
    return []


@pytest.fixture
def work(settings: Settings, said: list[str]) -> Work:
    """A run whose steps say their name."""

    def step(name, function, *arguments) -> None:
        said.append(name)
        function(*arguments)

    return Work(settings, connect(settings.database_url), run_id=1, step=step)


@pytest.fixture
def part(said: list[str]) -> Part:
    """A part that says what it does."""

    def begin(work: Work, batch: list[str]) -> str:
        said.append(f"begin {batch[0]}")
        return batch[0]

    return Part(begin, lambda work, begun: said.append(f"finish {begun}"))


def test_a_batch_begins_before_the_one_before_it_is_finished_in_a_step(
    work: Work, part: Part, said: list[str]
) -> None:
    done = one_by_one("read", part, work, BATCHES)
    next(done)
    assert said == ["begin 1", "begin 2", "read", "finish 1"]
    assert len(list(done)) == 2
    assert said[4:] == ["begin 3", "read", "finish 2", "read", "finish 3"]


def test_no_batch_is_no_step(work: Work, part: Part, said: list[str]) -> None:
    assert list(one_by_one("read", part, work, [])) == said == []


def test_where_the_next_cannot_begin_what_came_before_it_is_finished(
    work: Work, part: Part, said: list[str]
) -> None:
    def broken() -> Iterator[list[str]]:
        yield ["1"]
        raise KeyError("2")

    with pytest.raises(KeyError):
        list(one_by_one("read", part, work, broken()))
    assert said == ["begin 1", "read", "finish 1"]


def test_where_a_batch_cannot_be_finished_no_other_is(work: Work, part: Part, said: list[str]) -> None:
    def refuse(work: Work, begun: str) -> None:
        raise KeyError(begun)

    with pytest.raises(KeyError, match="1"):
        list(one_by_one("read", Part(part.begin, refuse), work, BATCHES))
    assert said == ["begin 1", "begin 2", "read"]
