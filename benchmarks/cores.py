"""`--jobs N`: how much faster N processes read, and how much memory they do not share.

The clock runs from the first reading that a process gives to the last, so that starting the processes is not in it.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nlp.article import Document
from nlp.pipeline import TOGETHER, load_pipeline, read
from nlp.processes import end_readers

BATCH = TOGETHER
"""Texts that a process is handed at once: few, so that none waits long for the last batch."""


class Jobs(NamedTuple):
    """Texts a second on the clock, and MiB of all processes that read: each its own share of what they share."""

    rate: float
    memory: float


def with_jobs(documents: Sequence[Document], jobs: int) -> Jobs:
    """Read documents in so many processes."""
    readings = read(load_pipeline("findings"), documents, batch_size=BATCH, jobs=jobs)
    warm = 2 * jobs * BATCH
    for _ in range(warm):
        next(readings)
    began, number, memory = time.perf_counter(), 0, 0.0
    for _ in readings:
        number += 1
        if number == BATCH:
            memory = sum(map(_own_share, [os.getpid()] if jobs == 1 else _children()))
    rate = number / (time.perf_counter() - began)
    end_readers()
    return Jobs(rate, memory)


def _children(pid: int | None = None) -> list[int]:
    """List the processes that one started, this one unless another is named, and those that they started."""
    found = []
    for task in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
        for child in (task / "children").read_text(encoding="utf-8").split():
            found += [int(child), *_children(int(child))]
    return found


def _own_share(pid: int) -> float:
    """Give a process's proportional set size in MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
