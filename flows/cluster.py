"""More than one machine: batches that need not follow each other, as tasks of a flow on a Dask cluster.

The scheduler and its workers are Dask's, the tasks Prefect's; here is only what a task does in another process, which must
hold if a worker dies in it and another does it again. Workers need the same ketmine, one thread each, and a store that all of
them reach: PostgreSQL.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from flows.errors import SettingsError, UnlockedError
from flows.settings import Settings, prefect_api
from flows.work import UNLOCKED, Part, Work
from nlp.errors import PipelineError
from store.database import connect, located

WAITING = 1000
"""Batches that are handed to the cluster before the first of them must be done."""

RETRIES = 3
"""How often a batch is tried again: two workers may meet on a batch of one that was taken for dead."""

Batch = list[str]


def require_cluster(settings: Settings) -> str:
    """Give the scheduler's address.

    Raises:
        SettingsError: the store or Prefect's server could not be reached from other machines, or an extra is missing.
    """
    if located(settings.database_url).get_backend_name() != "postgresql":
        raise SettingsError("KETMINE_DASK needs a store that several processes write to: PostgreSQL.")
    if not prefect_api():
        raise SettingsError(
            "KETMINE_DASK needs PREFECT_API_URL, the Prefect server that all workers report to."
        )
    try:
        import prefect_dask  # noqa: F401
    except ImportError:
        raise SettingsError("KETMINE_DASK needs prefect-dask: pip install 'ketmine[dask]'.") from None
    return str(settings.dask)


def task_runner(settings: Settings) -> dict[str, Any]:
    """Give the options of a flow that runs its tasks on the cluster; none where no cluster is named."""
    if not settings.dask:
        return {}
    address = require_cluster(settings)
    from prefect_dask import DaskTaskRunner

    return {"task_runner": DaskTaskRunner(address=address)}


def on_cluster(name: str, part: Part, work: Work, batches: Iterable[Batch]) -> Iterator[object]:
    """Do a part of a run for each batch, in any order, wherever a worker is free.

    A batch in which one worker after another died is told of and left; whatever else a batch raises is raised.

    Raises:
        UnlockedError: the run's lock was lost before all batches were handed out.
    """
    from distributed import KilledWorker
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    from flows.extract import pipeline_of

    reader = pipeline_of(work)
    as_task = task(
        name=name, cache_policy=NO_CACHE, persist_result=False, retries=RETRIES, retry_delay_seconds=1
    )
    there = as_task(elsewhere)
    waiting: deque[tuple[Batch, Any]] = deque()

    def first_done() -> Batch:
        batch, future = waiting.popleft()  # let go of: Dask makes again what a dead worker held for us
        try:
            work.troubles.extend(future.result())
        except KilledWorker as error:
            work.trouble(f"PMIDs {batch[0]} to {batch[-1]}: the workers that had them died: {error}")
        return batch

    for batch in batches:
        if not work.held():
            raise UnlockedError(UNLOCKED)
        waiting.append((batch, there.submit(part, work.settings, work.run_id, reader, batch)))
        if len(waiting) >= WAITING:
            yield first_done()
    while waiting:
        yield first_done()


def elsewhere(
    part: Part, settings: Settings, run_id: int, reader: tuple[str, str], batch: Batch
) -> list[str]:
    """Do a part of a run for a batch in a process that knows nothing of it, and give what could not be done.

    Raises:
        PipelineError: the pipeline is another here than where the run was started.
    """
    from flows.extract import pipeline_of

    work = Work(settings, connect(settings.database_url), run_id)
    try:
        if (here := pipeline_of(work)) != reader:
            raise PipelineError(
                f"a worker reads with {'@'.join(here)} and the run with {'@'.join(reader)}: install the same ketmine there"
            )
        part(work, batch)
    finally:
        work.engine.dispose()
    return work.troubles
