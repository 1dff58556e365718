"""Reading on a Dask cluster: a batch done twice is done once, and a worker that dies in the middle changes nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flows.cluster import elsewhere, require_cluster
from flows.errors import SettingsError
from flows.extract import extract_batch, pipeline_of
from flows.nightly import Plan, run
from flows.settings import Settings
from flows.work import Work, run_of
from nlp.errors import PipelineError
from store.database import connect, session_scope
from store.runs import get_run, read_in_run
from tests.flows.cli.test_crash import looking
from tests.flows.conftest import Night, contents, record, trial, xml
from tests.store.postgres import fresh

PMIDS = [str(pmid) for pmid in range(1001, 1009)]


@pytest.fixture
def ingested(night: Night, place: Path) -> None:
    """Articles that nothing has read."""
    (place / "a.xml").write_bytes(xml(*map(trial, PMIDS)))
    night("ingest", place / "a.xml")


@pytest.fixture
def work(ingested: None, settings: Settings) -> Iterator[Work]:
    """An open run that reads them."""
    with run_of("extract", settings, {}) as opened:
        yield opened


def test_what_a_second_worker_finds_done_is_passed_over(work: Work) -> None:
    reader = pipeline_of(work)
    assert elsewhere(extract_batch, work.settings, work.run_id, reader, PMIDS[:5]) == []
    once = contents(work.settings)
    assert elsewhere(extract_batch, work.settings, work.run_id, reader, PMIDS[:5]) == []
    assert contents(work.settings) == once
    with session_scope(work.engine, writes=False) as session:
        assert read_in_run(session, work.run_id, PMIDS) == set(PMIDS[:5])
        assert "brought_back" not in get_run(session, work.run_id).counts


def test_a_worker_with_another_pipeline_reads_nothing(work: Work) -> None:
    before = contents(work.settings)
    with pytest.raises(PipelineError, match="install the same ketmine there"):
        elsewhere(extract_batch, work.settings, work.run_id, ("rules", "0.0+other"), PMIDS)
    assert contents(work.settings) == before


def test_the_batches_of_a_run_may_be_done_in_any_order(
    ingested: None, settings: Settings, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.extract.BATCH", 3)
    done = []

    def backwards(name, part, work, batches) -> Iterator[None]:
        for batch in reversed(list(batches)):
            yield elsewhere(part, settings, work.run_id, pipeline_of(work), batch)
            done.append(len(batch))

    run("extract", settings, Plan(), spread=backwards)
    assert done == [2, 3, 3]
    backward = contents(settings)["findings"]
    assert {row[1] for row in backward} == set(PMIDS)
    night("extract")
    assert contents(settings)["findings"] == backward


@pytest.mark.parametrize(
    ("url", "api", "reason"),
    [
        ("sqlite:///k.db", "http://127.0.0.1:4200/api", "PostgreSQL"),
        ("postgresql://u@h/k", None, "PREFECT_API_URL"),
    ],
)
def test_a_cluster_needs_a_store_and_a_server_that_other_machines_reach(
    url: str, api: str | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    if api:
        monkeypatch.setenv("PREFECT_API_URL", api)
    with pytest.raises(SettingsError, match=reason):
        require_cluster(Settings(_env_file=None, database_url=url, dask="tcp://127.0.0.1:8786"))


@pytest.mark.soak
def test_a_worker_killed_in_the_middle_leaves_the_store_of_an_undisturbed_run(
    postgres: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    pytest.importorskip("prefect_dask", reason="needs the extra `dask`")
    from flows.prefect_server import prefect_server

    pmids = [str(pmid) for pmid in range(2001, 2201)]
    # no two texts alike: of equal ones the ids of the findings are told apart by which is kept first
    texts = (
        f"Depressed adults at site {pmid} received ketamine 0.5 mg/kg. Dizziness occurred in 3 of 20 patients."
        for pmid in pmids
    )
    (place / "a.xml").write_bytes(xml(*map(record, pmids, texts)))
    with fresh(postgres) as calm, fresh(postgres) as disturbed, prefect_server(place / "prefect.log"):
        at = {url: Settings(_env_file=None, database_url=url, var=place / "var") for url in (calm, disturbed)}
        run("nightly", at[calm], Plan(sources=(str(place / "a.xml"),)))
        monkeypatch.setenv("KETMINE_DATABASE_URL", disturbed)
        with distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster:
            monkeypatch.setenv("KETMINE_DASK", cluster.scheduler_address)
            killed = _run_and_kill_a_worker(cluster, disturbed, str(place / "a.xml"))
        assert killed, "the run was over before a worker could be killed"
        assert contents(at[disturbed]) == contents(at[calm])
        engine = connect(disturbed)
        with session_scope(engine, writes=False) as session:
            done = get_run(session)
            assert (done.status, done.reason) == ("complete", None)
        engine.dispose()


SMALL = "from flows import extract; extract.BATCH = 10; from flows.cli import main; main()"
"""The command line, with batches of which a worker has one at a time and the run twenty."""


def _run_and_kill_a_worker(cluster, url: str, source: str) -> bool:
    """Run a night as a user does, in a process of its own; kill a worker that has a batch when some are done."""
    flow = subprocess.Popen([sys.executable, "-c", SMALL, "nightly", "--source", source, "--json"])
    killed = False
    with looking(url) as count:
        while not killed and flow.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                flow.wait(0.05)
            busy = [nanny for nanny in cluster.workers.values() if _has_work(cluster, nanny)]
            if busy and 20 <= count("readings") <= 150:
                os.kill(busy[0].pid, signal.SIGKILL)
                killed = True
    # the scheduler lives in this process: who looks on all the time keeps it from its workers
    assert flow.wait() == 0
    return killed


def _has_work(cluster, nanny) -> bool:
    """Say whether the scheduler has given a worker something that it is at."""
    worker = cluster.scheduler.workers.get(nanny.worker_address)
    return worker is not None and bool(worker.processing)
