"""Several processes that read: copies of one that has loaded the pipeline, which share its weights, tables and code.

The one that is copied is spawned, since ours may have threads and locks that do not survive a fork; it has none, and none of
onnxruntime's, as the tagger asks for one thread.
"""

import atexit
import gc
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from spacy.language import Language

from nlp.article import Document
from nlp.errors import PipelineError
from nlp.finding import Reading
from nlp.pipeline import TOGETHER, load_pipeline, read_together

FORKED = "fork" if sys.platform == "linux" else "spawn"
"""How the processes that read begin: as copies of one that has loaded the pipeline, where the system can be trusted with that."""

DIED = "died: is there enough memory? What was kept before stays; run the command again"

Answer = Callable[[], list[Reading]]
"""Waits for the readings that were asked for."""

_worker_nlp: Language | None = None


def _start_worker(source: str) -> None:
    global _worker_nlp
    _worker_nlp = _worker_nlp or load_pipeline(source)


def _work(batch: Sequence[Document]) -> bytes:
    if _worker_nlp is None:
        raise PipelineError("the worker process has no pipeline")
    nlp, parts = _worker_nlp, range(0, len(batch), TOGETHER)
    readings = [reading for start in parts for reading in read_together(nlp, batch[start : start + TOGETHER])]
    return pickle.dumps(readings)  # here: whoever hands it on need not look into it


def read_in_processes(source: str, batches: Iterable[list[Document]], jobs: int) -> Iterator[Reading]:
    """Read batches in order in `jobs` processes with the pipeline of a config.

    Raises:
        PipelineError: one of the processes died, or the pipeline could not be loaded there.
    """
    whole = False
    try:
        waiting: deque[Answer] = deque()  # few batches wait at a time, so memory does not grow
        for batch in batches:
            waiting.append(_ask(source, batch, jobs))
            if len(waiting) > 2 * jobs:
                yield from waiting.popleft()()
        while waiting:
            yield from waiting.popleft()()
        whole = True
    finally:
        if (
            not whole
        ):  # also where nobody takes the readings any more: what was asked for would be read all the same
            end_readers()


def ask(source: str, documents: Sequence[Document], jobs: int, batch_size: int = 4 * TOGETHER) -> Answer:
    """Hand documents to `jobs` processes, and wait for nothing; what is given waits for their readings.

    The next documents can be handed over before, so that the processes always have some. Who takes no more of what was
    asked for ends the readers.
    """
    starts = range(0, len(documents), batch_size)
    parts = [_ask(source, documents[start : start + batch_size], jobs) for start in starts]
    return lambda: [reading for part in parts for reading in part()]


def are_there(source: str, jobs: int) -> bool:
    """Say whether the processes were started: to start them takes seconds, which a few documents are not worth."""
    return (source, jobs) in _kept


def _ask(source: str, batch: Sequence[Document], jobs: int) -> Answer:
    readers = _readers(source, jobs)
    number = next(readers.numbers)
    with suppress(OSError):  # why it is gone is said by its last answer, if there is one
        readers.ours.send((number, batch))
    return partial(_answer, readers.ours, number)


def _answer(ours: Connection, number: int) -> list[Reading]:
    with suppress(OSError):
        ours.send((number, None))
    try:
        readings: list[Reading] | Exception = ours.recv()
    except (EOFError, OSError):
        raise PipelineError(f"the process that hands out the reading {DIED}") from None
    if isinstance(readings, Exception):
        raise readings
    return readings


class _Readers(NamedTuple):
    """Our end of the pipe to the process that hands out, that process, and the numbers of what it is asked for."""

    ours: Connection
    first: BaseProcess
    numbers: Iterator[int]


_kept: dict[tuple[str, int], _Readers] = {}


def _readers(source: str, jobs: int) -> _Readers:
    """Give the way to `jobs` processes that have loaded a pipeline; they stay for the next documents, and end with this one."""
    if (source, jobs) not in _kept:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        first = context.Process(target=_hand_out, args=(source, theirs, jobs))
        first.start()
        theirs.close()  # now only the end of ours is left: when it closes, however it does, they end
        _kept[source, jobs] = _Readers(ours, first, count())
    return _kept[source, jobs]


@atexit.register  # before multiprocessing waits for them
def end_readers() -> None:
    """End the processes that stay for the next documents."""
    while _kept:
        _, readers = _kept.popitem()
        readers.ours.close()
        readers.first.join()


def _hand_out(source: str, theirs: Connection, jobs: int) -> None:
    """Load the pipeline, and have batches read by copies of this process until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks, who then closes the pipe
    try:
        _start_worker(source)
        gc.collect()
        gc.freeze()  # what the collector does not touch stays shared
        pool = ProcessPoolExecutor(jobs, get_context(FORKED), _start_worker, (source,))
        try:
            _serve(pool, theirs)
        finally:
            pool.shutdown(cancel_futures=True)  # nobody waits for what was not begun
    except (EOFError, OSError):
        return  # nobody waits for the answers any more
    except BrokenProcessPool:
        theirs.send(PipelineError(f"a process that reads {DIED}"))
    except Exception as error:
        theirs.send(error)


def _serve(pool: ProcessPoolExecutor, theirs: Connection) -> None:
    """Take (number, batch), and give a batch's readings where (number, None) asks for them.

    Never unasked: so neither side waits for the other to take what it sends.
    """
    asked: dict[int, Future[bytes]] = {}
    while True:
        number, batch = theirs.recv()
        if batch is None:
            theirs.send_bytes(asked.pop(number).result())
        else:
            asked[number] = pool.submit(_work, batch)
