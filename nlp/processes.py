"""Several processes that read: copies of one that has loaded the pipeline, which share its weights, tables and code.

The one that is copied is spawned, since ours may have threads and locks that do not survive a fork; it has none, and none of
onnxruntime's, as the tagger asks for one thread.
"""

import atexit
import gc
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from spacy.language import Language

from nlp.article import Document
from nlp.errors import PipelineError
from nlp.finding import Reading
from nlp.pipeline import TOGETHER, load_pipeline, read_together

FORKED = "fork" if sys.platform == "linux" else "spawn"
"""How the processes that read begin: as copies of one that has loaded the pipeline, where the system can be trusted with that."""

DIED = "died: is there enough memory? What was kept before stays; run the command again"

_worker_nlp: Language | None = None


def _start_worker(source: str) -> None:
    global _worker_nlp
    _worker_nlp = _worker_nlp or load_pipeline(source)


def _work(batch: list[Document]) -> list[Reading]:
    if _worker_nlp is None:
        raise PipelineError("the worker process has no pipeline")
    nlp, parts = _worker_nlp, range(0, len(batch), TOGETHER)
    return [reading for start in parts for reading in read_together(nlp, batch[start : start + TOGETHER])]


def read_in_processes(source: str, batches: Iterable[list[Document]], jobs: int) -> Iterator[Reading]:
    """Read batches in order in `jobs` processes with the pipeline of a config.

    Raises:
        PipelineError: one of the processes died, or the pipeline could not be loaded there.
    """
    ours = _readers(source, jobs)
    whole = False
    try:
        waiting = 0  # few batches wait at a time, so memory does not grow
        for batch in batches:
            _ask(ours, batch)
            waiting += 1
            if waiting > 2 * jobs:
                waiting -= 1
                yield from _answer(ours)
        _ask(ours, [])
        for _ in range(waiting):
            yield from _answer(ours)
        whole = True
    finally:
        if not whole:  # also where nobody takes the readings any more: answers would stay in the way
            end_readers()


def _ask(ours: Connection, batch: list[Document]) -> None:
    with suppress(OSError):  # why it is gone is said by its last answer, if there is one
        ours.send(batch)


def _answer(ours: Connection) -> list[Reading]:
    try:
        readings: list[Reading] | Exception = ours.recv()
    except (EOFError, OSError):
        raise PipelineError(f"the process that hands out the reading {DIED}") from None
    if isinstance(readings, Exception):
        raise readings
    return readings


_kept: dict[tuple[str, int], tuple[Connection, BaseProcess]] = {}


def _readers(source: str, jobs: int) -> Connection:
    """Give the way to `jobs` processes that have loaded a pipeline; they stay for the next documents, and end with this one."""
    if (source, jobs) not in _kept:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        first = context.Process(target=_hand_out, args=(source, theirs, jobs))
        first.start()
        theirs.close()  # now only the end of ours is left: when it closes, however it does, they end
        _kept[source, jobs] = ours, first
    return _kept[source, jobs][0]


@atexit.register  # before multiprocessing waits for them
def end_readers() -> None:
    """End the processes that stay for the next documents."""
    while _kept:
        _, (ours, first) = _kept.popitem()
        ours.close()
        first.join()


def _hand_out(source: str, theirs: Connection, jobs: int) -> None:
    """Load the pipeline, and have batches read by copies of this process; an empty one asks for all that is due."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks, who then closes the pipe
    try:
        _start_worker(source)
        gc.collect()
        gc.freeze()  # what the collector does not touch stays shared
        with ProcessPoolExecutor(jobs, get_context(FORKED), _start_worker, (source,)) as pool:
            _serve(pool, theirs, 2 * jobs)
    except (EOFError, OSError):
        return  # nobody waits for the answers any more
    except BrokenProcessPool:
        theirs.send(PipelineError(f"a process that reads {DIED}"))
    except Exception as error:
        theirs.send(error)


def _serve(pool: ProcessPoolExecutor, theirs: Connection, most: int) -> None:
    waiting: deque[Future[list[Reading]]] = deque()
    while True:
        batch = theirs.recv()
        if batch:
            waiting.append(pool.submit(_work, batch))
        while waiting and (not batch or len(waiting) > most):
            theirs.send(waiting.popleft().result())
