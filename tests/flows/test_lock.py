"""Two runs at once on one database: the second says so."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from flows.errors import BusyError, UnlockedError
from flows.lock import only_run
from flows.nightly import Plan, run
from flows.settings import Settings
from tests.flows.conftest import told, trial, xml
from tests.store.postgres import admin, fresh

LET_GO = "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'"

HOLD = """
import sys
from pathlib import Path
from flows.lock import only_run
with only_run(sys.argv[1], Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the lock of a database until it is killed."""
    url = f"sqlite:///{tmp_path}/k.db"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield url, process
    process.kill()
    process.communicate()


def test_second_run_is_refused_until_the_first_dies(holder, tmp_path: Path) -> None:
    url, process = holder
    with pytest.raises(BusyError, match=r"Another run is at work on .*k\.db"), only_run(url, tmp_path):
        pass
    process.kill()
    process.wait()
    with only_run(url, tmp_path):
        pass


def test_other_databases_are_not_concerned(holder, tmp_path: Path) -> None:
    with (
        only_run(f"sqlite:///{tmp_path}/other.db", tmp_path) as held,
        only_run("sqlite://", tmp_path / "locks"),
    ):
        assert held()


def test_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/k.db"
    with pytest.raises(RuntimeError), only_run(url, tmp_path):
        raise RuntimeError
    with only_run(url, tmp_path):
        pass


def test_a_child_that_was_started_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    url, (told, tell) = f"sqlite:///{tmp_path}/k.db", os.pipe()
    with only_run(url, tmp_path):
        child = os.fork()
        if not child:
            os.read(told, 1)
            os._exit(0)
    try:
        with only_run(url, tmp_path):
            pass
    finally:
        os.write(tell, b".")
        os.waitpid(child, 0)


def test_a_run_whose_file_is_moved_away_stops_at_its_next_batch(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "k.db")
    (tmp_path / "a.xml").write_bytes(xml(trial("11")))
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/k.db", var=tmp_path)

    def step(name: str, function: Callable[..., object], *arguments: object) -> object:
        (tmp_path / "k.db").rename(tmp_path / "elsewhere.db")
        return function(*arguments)

    with pytest.raises(UnlockedError, match="moved or replaced"):
        run("ingest", settings, Plan(sources=(str(tmp_path / "a.xml"),)), step=step)


def test_a_file_that_another_takes_the_place_of_is_not_held(tmp_path: Path, migrated: Path) -> None:
    for name in ("k.db", "other.db"):
        shutil.copy(migrated, tmp_path / name)
    with only_run(f"sqlite:///{tmp_path}/k.db", tmp_path) as held:
        assert held()
        (tmp_path / "other.db").replace(tmp_path / "k.db")
        assert not held()


@pytest.mark.xdist_group("postgresql")
def test_the_next_machine_has_the_lock_at_once(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.format(name="postgres")
    with monkeypatch.context() as patch:
        ended = []  # a server that has not yet noticed the end of a connection: it still stands
        patch.setattr(psycopg.Connection, "close", lambda connection: ended.append(connection))
        with only_run(url, tmp_path):
            pass
        with only_run(url, tmp_path / "of another machine"):
            pass
    assert len(ended) == 2
    for connection in ended:
        connection.close()


@pytest.mark.xdist_group("postgresql")
def test_a_lock_that_the_server_let_go_of_is_noticed(postgres: str, tmp_path: Path) -> None:
    url = postgres.format(name="postgres")
    with only_run(url, tmp_path) as held:
        assert held()
        with pytest.raises(BusyError), only_run(url, tmp_path / "of another machine"):
            pass
        admin(postgres, LET_GO)
        assert held()  # taken again
        with pytest.raises(BusyError), only_run(url, tmp_path / "of another machine"):
            pass
        admin(postgres, LET_GO)
        with only_run(url, tmp_path / "of another machine"):
            assert not held()
            assert not held()
        assert held()


@pytest.mark.xdist_group("postgresql")
def test_a_run_whose_lock_another_has_stops_at_its_next_batch(postgres: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(xml(trial("11")))
    with fresh(postgres) as url:
        settings = Settings(_env_file=None, database_url=url, var=tmp_path)

        def step(name: str, function: Callable[..., object], *arguments: object) -> object:
            admin(postgres, LET_GO)
            with only_run(url, tmp_path / "of another machine"):
                return function(*arguments)

        with pytest.raises(UnlockedError, match="let go of the lock"):
            run("ingest", settings, Plan(sources=(str(tmp_path / "a.xml"),)), step=step)
        report = told(settings)
    assert (report.status, report.found) == ("failed", 0)
    assert "let go of the lock" in str(report.reason)
