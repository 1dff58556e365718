"""Several processes read what one reads, in the same order; they stay for more, and end with whoever started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from spacy.language import Language

from nlp.article import Document
from nlp.errors import PipelineError
from nlp.pipeline import read
from nlp.processes import end_readers

pytestmark = pytest.mark.slow
DOCUMENTS = [
    Document(
        id=str(n),
        text=f"A trial.\nKetamine 0.{n % 9 + 1} mg/kg reduced depression. Nausea was seen in {n} patients.",
    )
    for n in range(40)
]

STARTED = """
import sys
from nlp.article import Document
from nlp.pipeline import load_pipeline, read
if __name__ == "__main__":
    readings = read(load_pipeline("rules"), (Document(id=str(n), text="Ketamine.") for n in range(10**9)), jobs=2, batch_size=4)
    next(readings)
    print("reading", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _end() -> Iterator[None]:
    yield
    end_readers()


def descendants(pid: int) -> set[int]:
    """Give the processes that a process started, and those that they started."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child, *descendants(child)}
    return found


def is_alive(pid: int) -> bool:
    """Say whether a process is at work; one that ended and was not asked for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (
        FileNotFoundError,
        ProcessLookupError,
    ):  # the second where it ends between the look and the reading
        return False


@pytest.mark.parametrize("pipeline", ["rules", "default"])
def test_several_processes_read_what_one_reads(pipeline: str, request: pytest.FixtureRequest) -> None:
    nlp: Language = request.getfixturevalue(pipeline)
    alone = list(read(nlp, DOCUMENTS))
    assert list(read(nlp, DOCUMENTS, jobs=2, batch_size=3)) == alone
    assert list(read(nlp, DOCUMENTS[:1], jobs=2)) == alone[:1]
    assert list(read(nlp, [], jobs=2)) == []


def test_the_processes_stay_for_the_next_documents(rules: Language) -> None:
    list(read(rules, DOCUMENTS, jobs=2))
    before = descendants(os.getpid())
    list(read(rules, DOCUMENTS, jobs=2))
    assert descendants(os.getpid()) == before


def test_readings_that_nobody_takes_are_not_in_the_way_of_others(rules: Language) -> None:
    readings = read(rules, DOCUMENTS, jobs=2, batch_size=2)
    next(readings)
    readings.close()  # type: ignore[attr-defined]
    assert [reading.id for reading in read(rules, DOCUMENTS[::-1], jobs=2)] == [d.id for d in DOCUMENTS[::-1]]


def test_a_process_that_dies_is_told_of_and_others_take_its_place(rules: Language) -> None:
    readings = read(rules, DOCUMENTS, jobs=2, batch_size=1)
    next(readings)
    for child in descendants(os.getpid()):
        for pid in descendants(child) if is_alive(child) else ():
            os.kill(pid, signal.SIGKILL)
    with pytest.raises(PipelineError, match="died"):
        list(readings)
    assert len(list(read(rules, DOCUMENTS, jobs=2))) == len(DOCUMENTS)


def test_they_end_with_a_process_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "reading\n"
        readers = descendants(process.pid)
        assert len(readers) > 2
        process.kill()
    end = time.monotonic() + 60
    while any(map(is_alive, readers)):
        assert time.monotonic() < end
