"""The Prefect skin: the flows nightly, ingest, extract and sweep, and their schedule.

The functions that do the work know nothing of Prefect; here each of their steps becomes a task. Import this only
where Prefect is wanted: that takes a second.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date
from typing import Any

from flows.settings import quiet_prefect, settings

quiet_prefect(settings().var / "prefect")

from prefect import Flow, flow, serve, task  # noqa: E402
from prefect.artifacts import create_markdown_artifact  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.schedules import Cron  # noqa: E402

from flows.cluster import on_cluster, task_runner  # noqa: E402
from flows.errors import UnfinishedError  # noqa: E402
from flows.log import log  # noqa: E402
from flows.nightly import Plan, run  # noqa: E402
from flows.priority import give_way  # noqa: E402
from flows.report import as_markdown  # noqa: E402
from flows.work import Watch, one_by_one, unwatched  # noqa: E402
from store.database import connect, session_scope  # noqa: E402
from store.summary import Summary, summary  # noqa: E402

EASTERN = "America/New_York"

SCHEDULE = {"nightly": "30 21 * * *", "sweep": "0 1 * * 0"}
"""Flow → cron, US Eastern: NCBI asks that large jobs run between 21:00 and 05:00."""


_RUNNER = task_runner(settings())


@flow(name="nightly", **_RUNNER)
def nightly(sources: list[str] | None = None, since: date | None = None, limit: int | None = None) -> int:
    """Take in what is new, revised or gone, read it, and report."""
    return _run("nightly", sources, since, limit)


@flow(name="ingest", **_RUNNER)
def ingest(sources: list[str] | None = None, since: date | None = None, limit: int | None = None) -> int:
    """Take in what is new, revised or gone."""
    return _run("ingest", sources, since, limit)


@flow(name="extract", **_RUNNER)
def extract(limit: int | None = None) -> int:
    """Read the stored articles that this pipeline version has not read."""
    return _run("extract", limit=limit)


@flow(name="sweep", **_RUNNER)
def sweep(limit: int | None = None) -> int:
    """Ask PubMed for every article held."""
    return _run("sweep", limit=limit)


FLOWS: dict[str, Flow[..., int]] = {"nightly": nightly, "ingest": ingest, "extract": extract, "sweep": sweep}


_WATCH: ContextVar[Watch] = ContextVar("watch", default=unwatched)
"""How a flow's progress is shown: a flow's parameters are sent to the server, and a function cannot be."""


def run_as_flow(command: str, plan: Plan, *, watch: Watch = unwatched) -> int:
    """Run a command as a flow, seen by the Prefect server that is configured or by one of its own."""
    logging.getLogger("prefect").setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    parameters: dict[str, Any] = plan.model_dump(mode="json", exclude_defaults=True)
    shown = _WATCH.set(watch)
    try:
        return FLOWS[command](**parameters)
    except UnfinishedError as error:
        return error.run_id
    except RuntimeError as error:
        if "ephemeral" not in str(error):
            raise
        log.warning("Prefect's server did not start: running without it", extra={"reason": str(error)})
        return run(command, settings(), plan, watch=watch)
    finally:
        _WATCH.reset(shown)


def deployments() -> list[Any]:
    """Give the flows that run by themselves, with their crons."""
    return [
        FLOWS[name].to_deployment(name, schedule=Cron(cron, timezone=EASTERN), concurrency_limit=1)
        for name, cron in SCHEDULE.items()
    ]


def serve_schedule() -> None:
    """Run the deployments when they are due, until interrupted; a Prefect server must be configured."""
    give_way()
    serve(*deployments(), pause_on_shutdown=False, print_starting_message=False)


def _run(
    command: str, sources: list[str] | None = None, since: date | None = None, limit: int | None = None
) -> int:
    plan = Plan.model_validate({"sources": tuple(sources or ()), "since": since, "limit": limit})
    spread = on_cluster if settings().dask else one_by_one
    run_id = run(command, settings(), plan, step=_as_task, watch=_WATCH.get(), spread=spread)
    report = _report(run_id)
    create_markdown_artifact(key=f"{command}-ledger", markdown=as_markdown(report))
    if report.unfinished:
        raise UnfinishedError(report.unfinished, run_id)
    return run_id


def _as_task(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a step as a task: its arguments and its result are ids and counts, and Prefect keeps neither."""

    @task(name=name, cache_policy=NO_CACHE, persist_result=False)
    def step() -> Any:
        return function(*arguments)

    return step()


def _report(run_id: int) -> Summary:
    engine = connect(settings().database_url)
    with session_scope(engine, writes=False) as session:
        return summary(session, run_id, examples=0)
