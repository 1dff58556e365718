"""A worker that dies, or whose database does, loses nothing and doubles nothing, from a file as from PubMed."""

import multiprocessing
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text

from flows import extract, sources, windows
from flows.cli.edge import ExitCode
from flows.extract import pipeline
from flows.nightly import Plan, run
from flows.settings import Settings
from store.database import connect, session_scope
from store.runs import ledger, run_id_of, runs
from tests.flows.cli.conftest import started
from tests.flows.conftest import contents, record, trial, xml
from tests.flows.pubmed.ncbi import Library, serving
from tests.store.postgres import admin
from tests.store.postgres import fresh as fresh_database

KILLS = 3
SOAK = 100
TRIES = 4
"""Kills of one store, before it is compared and a new one is taken."""

DATED = "<DateRevised><Year>2026</Year><Month>0{}</Month><Day>03</Day></DateRevised>"
EARLIER = record("1000", "Ketamine 0.2 mg/kg for depression.", extra=DATED.format(1))
LATER = record("1000", "Ketamine 0.9 mg/kg for depression.", extra=DATED.format(2))
PMIDS = [str(pmid) for pmid in range(1001, 1041)]
BATCH = 10
"""Records that a worker commits together: few, so that there is much that a kill can part."""


class Asked(NamedTuple):
    """Where a night takes its records from: its arguments, its environment, and how many records are new."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    new: int


Worker = multiprocessing.process.BaseProcess


class Calm(NamedTuple):
    """A night that nothing disturbed: what its store holds, and the seconds that its run was open."""

    contents: dict[str, list[tuple]]
    seconds: float


@pytest.fixture(scope="module", params=["file"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A file of trials, with a revision of one and a record that is broken; or PubMed, with a broken one."""
    if request.param == "file":
        path = tmp_path_factory.mktemp("source") / "a.xml"
        path.write_bytes(xml(EARLIER, *map(trial, PMIDS), LATER, record("x", "no number")))
        yield Asked(("--source", str(path)), {}, len(PMIDS) + 1)
        return
    library = Library()
    library.hold(*PMIDS, "2000").records |= {pmid: trial(pmid) for pmid in PMIDS}
    library.records["2000"] = record("2000", "cut <i>")
    with serving(library):
        who = {"KETMINE_ENTREZ_URL": library.url, "KETMINE_ENTREZ_EMAIL": "a@example.org"}
        yield Asked((), who, len(PMIDS))


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    """Small batches, for this process and for those forked from it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (extract, sources, windows):
            patch.setattr(module, "BATCH", BATCH)
        yield


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, migrated: Path, asked: Asked, small: None) -> Calm:
    """A night that nothing disturbs."""
    pipeline("rules")  # loaded once: the workers are forked from here, and have nothing to do but their work
    url = fresh(tmp_path_factory.mktemp("calm"), migrated)
    worker = start_worker(asked, url)
    assert has_reached(worker, url, "runs", after=0)
    opened = time.monotonic()
    worker.join()
    assert worker.exitcode == 0
    return Calm(contents(at(url)), time.monotonic() - opened)


def fresh(place: Path, migrated: Path) -> str:
    """Give a place a new store, where its settings expect it, and its URL."""
    folder = place / "var"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return f"sqlite:///{shutil.copy(migrated, folder / 'ketmine.db')}"


def at(url: str) -> Settings:
    """Give the settings of a store."""
    return Settings(_env_file=None, database_url=url)


def start_night(place: Path, asked: Asked, url: str, **options: object) -> subprocess.Popen:
    """Start a night as a user does; its report goes nowhere, what it says on stderr is text."""
    environment = asked.environment | {"KETMINE_DATABASE_URL": url}
    plain = {"stdout": subprocess.DEVNULL, "text": True}
    return started(place, "nightly", *asked.arguments, environment=environment, **(plain | options))


def start_worker(asked: Asked, url: str, jobs: int = 1) -> Worker:
    """Start a night as a process that has loaded everything."""
    given = {name.removeprefix("KETMINE_").lower(): value for name, value in asked.environment.items()}
    settings = Settings(_env_file=None, database_url=url, jobs=jobs, **given)
    worker = multiprocessing.get_context("fork").Process(
        target=run, args=("nightly", settings, Plan(sources=asked.arguments[1:]))
    )
    worker.start()
    return worker


def rows(url: str, *tables: str) -> list[int]:
    """Count the rows of tables, while others may write."""
    with looking(url) as count:
        return [count(table) for table in tables]


@contextmanager
def looking(url: str) -> Iterator[Callable[[str], int]]:
    """Give what counts the rows of a table as they are committed."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda table: connection.scalar(text(f"select count(*) from {table}"))
    engine.dispose()


def has_reached(night: subprocess.Popen | Worker, url: str, table: str, after: int) -> bool:
    """Wait until a table has more than so many rows; not if the night ends before."""
    with looking(url) as count:
        while is_alive(night):
            if count(table) > after:
                return True
    return False


def is_alive(night: subprocess.Popen | Worker) -> bool:
    """Say whether a night is at work, a hundredth of a second from now."""
    if not isinstance(night, subprocess.Popen):
        night.join(0.01)
        return night.is_alive()
    with suppress(subprocess.TimeoutExpired):
        night.wait(timeout=0.01)
    return night.poll() is None


def killed(asked: Asked, url: str, moment: random.Random, within: list[float]) -> str | None:
    """Kill a worker at a random moment; say how far it was, or None when it ended before.

    The moment counts from when its run was opened, or from when its store holds a record, and lies within the last of
    the times that an undisturbed run took; one that ended before adds its own, as the machine may have become faster.
    """
    before = rows(url, "runs")[0]
    worker = start_worker(asked, url)
    has_reached(worker, url, "runs", before)
    opened = time.monotonic()
    if moment.random() < 0.5:
        has_reached(worker, url, "articles", 0)
    worker.join(moment.uniform(0, within[-1]))
    took = time.monotonic() - opened
    worker.kill()
    worker.join()
    if worker.exitcode != -signal.SIGKILL:
        within.append(took)
        return None
    kept, read = rows(url, "articles", "readings")
    if not kept:
        return "before the first record was kept"
    return "before the first was read" if not read else "after that"


def finish(ketmine: Callable, asked: Asked, url: str, calm: Calm) -> Counter[str]:
    """Finish the night, and count what is not as if nothing had happened."""
    assert ketmine("nightly", *asked.arguments).exit_code == ExitCode.PARTLY
    wrong: Counter[str] = Counter()
    for name, found in contents(at(url)).items():
        wanted = calm.contents[name]
        wrong["lost"] += sum((Counter(wanted) - Counter(found)).values())
        wrong["doubled or other"] += sum((Counter(found) - Counter(wanted)).values())
    engine = connect(url)
    with session_scope(engine, writes=False) as session:
        ledgers = [(run.status, ledger(session, run_id_of(run))) for run in runs(session)]
    engine.dispose()
    # each run broke off, or was left with the record that cannot be read
    ends = [
        status in ("failed", "incomplete") and counts.fetched_adds_up and counts.extracted_adds_up
        for status, counts in ledgers
    ]
    new = sum(counts.fetch["new"] for _, counts in ledgers)
    wrong["ledgers"] = ends.count(False) + (new != asked.new)
    wrong["bookmarks"] = rows(url, "bookmarks")[0] != (0 if asked.arguments else 2)
    return +wrong


def gives_up(night: subprocess.Popen, said: str) -> None:
    """See that a night ends with one line that says why, and no other exit code than that of what cannot be done."""
    _, error = night.communicate()
    assert night.returncode == ExitCode.IMPOSSIBLE, error
    assert len(error.splitlines()) == 1
    assert said in error


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost_or_doubled(
    ketmine: Callable, place: Path, migrated: Path, asked: Asked, calm: Calm
) -> None:
    url, moment, within = fresh(place, migrated), random.Random(4), [calm.seconds]
    assert sum(bool(killed(asked, url, moment, within)) for _ in range(KILLS))
    assert finish(ketmine, asked, url, calm) == {}


@pytest.mark.slow
def test_killed_while_other_processes_read_the_next_nothing_is_lost_or_doubled(
    ketmine: Callable, place: Path, migrated: Path, asked: Asked, calm: Calm
) -> None:
    url = fresh(place, migrated)
    worker = start_worker(asked, url, jobs=2)
    assert has_reached(worker, url, "readings", after=0)
    worker.kill()
    worker.join()
    assert rows(url, "readings")[0] < asked.new
    assert finish(ketmine, asked, url, calm) == {}


@pytest.mark.slow
def test_full_disk_is_said_and_the_next_night_goes_on(
    ketmine: Callable, place: Path, migrated: Path, asked: Asked, calm: Calm
) -> None:
    url = fresh(place, migrated)
    size = migrated.stat().st_size + 50_000

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    gives_up(start_night(place, asked, url, preexec_fn=no_room), "ketmine.db")
    assert finish(ketmine, asked, url, calm) == {}


@pytest.mark.slow
@pytest.mark.parametrize("when", ["from the start", "in mid-run"])
def test_locked_database_is_said_and_the_next_night_goes_on(
    ketmine: Callable, place: Path, migrated: Path, asked: Asked, calm: Calm, when: str
) -> None:
    url = fresh(place, migrated)
    with closing(sqlite3.connect(place / "var/ketmine.db", timeout=30, isolation_level=None)) as other:
        if when == "from the start":
            other.execute("BEGIN IMMEDIATE")
        night = start_night(place, asked, f"{url}?timeout=0.2")
        if when == "in mid-run":
            assert has_reached(night, url, "runs", after=0)
            other.execute("BEGIN IMMEDIATE")
        gives_up(night, "database is locked; another process holds it")
        other.execute("ROLLBACK")
    assert finish(ketmine, asked, url, calm) == {}


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
def test_server_that_goes_away_is_said_and_the_next_night_goes_on(
    postgres: str, ketmine: Callable, place: Path, asked: Asked, calm: Calm, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database(postgres) as url:
        name = urlsplit(url).path.removeprefix("/")
        night = start_night(place, asked, url)
        assert has_reached(night, url, "runs", after=0)
        admin(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin(postgres, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        gives_up(night, "the server does not answer")
        admin(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        monkeypatch.setenv("KETMINE_DATABASE_URL", url)
        assert finish(ketmine, asked, url, calm) == {}


@pytest.mark.soak
@pytest.mark.parametrize("asked", ["file", "pubmed"], indirect=True)
def test_killed_a_hundred_times(
    ketmine: Callable,
    place: Path,
    migrated: Path,
    asked: Asked,
    calm: Calm,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    within = [calm.seconds]
    moment, moments, wrong, stores = random.Random(2), Counter[str](), Counter[str](), 0
    for name, value in asked.environment.items():
        monkeypatch.setenv(name, value)
    while moments.total() < SOAK // 2:
        url, stores = fresh(place, migrated), stores + 1
        for _ in range(min(TRIES, SOAK // 2 - moments.total())):
            how_far = killed(asked, url, moment, within)
            if not how_far:
                break  # nothing is left to do that could be broken off
            moments[how_far] += 1
        wrong += finish(ketmine, asked, url, calm)
        assert stores <= SOAK, "the nights end before they are killed"
    with capsys.disabled():
        found = sum(map(len, calm.contents.values()))
        print(
            f"\n{moments.total()} kills ({dict(moments)}) of nights from {'a file' if asked.arguments else 'PubMed'}, "
            f"in {stores} stores of {found} rows: {wrong['lost']} rows lost, {wrong['doubled or other']} doubled or "
            f"other, {wrong['ledgers']} ledgers and {wrong['bookmarks']} bookmarks wrong"
        )
    assert wrong == {}
