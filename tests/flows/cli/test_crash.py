"""A worker that dies, or has no room to write, loses nothing and doubles nothing."""

import json
import random
import resource
import subprocess
from pathlib import Path

import pytest

from flows.cli.edge import ExitCode
from flows.settings import Settings
from tests.flows.conftest import contents, record, trial, xml

KILLS = 3
DATED = "<DateRevised><Year>2026</Year><Month>0{}</Month><Day>03</Day></DateRevised>"
EARLIER = record("1000", "Ketamine 0.2 mg/kg for depression.", extra=DATED.format(1))
LATER = record("1000", "Ketamine 0.9 mg/kg for depression.", extra=DATED.format(2))
SOAK = 100


@pytest.fixture
def source(place: Path, ketmine) -> Path:
    """A migrated store, and a file of 260 records: trials, a revision of one, and one that is broken."""
    assert ketmine("db", "upgrade").exit_code == 0
    path = place / "a.xml"
    many = [trial(str(pmid)) for pmid in range(1001, 1258)]
    path.write_bytes(xml(EARLIER, *many, LATER, record("x", "no number")))
    return path


@pytest.fixture
def undisturbed(place: Path, source: Path, ketmine, monkeypatch) -> dict:
    """What a store holds after a night that nothing disturbed."""
    with monkeypatch.context() as patch:
        patch.setenv("KETMINE_DATABASE_URL", "sqlite:///calm.db")
        ketmine("db", "upgrade")
        assert ketmine("nightly", "--source", source).exit_code == ExitCode.PARTLY
    return contents(Settings(_env_file=None, database_url=f"sqlite:///{place}/calm.db"))


def killed(start, source: Path, moment: random.Random) -> bool:
    """Start a night and kill it at a random moment, unless it ends before."""
    process = start("nightly", "--source", source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=moment.uniform(0.8, 2.6))
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() == -9


def check(place: Path, ketmine, source: Path, undisturbed: dict) -> None:
    """Finish the night; the store is as if nothing had happened, and every ledger adds up."""
    assert ketmine("nightly", "--source", source).exit_code == ExitCode.PARTLY
    assert contents(Settings(_env_file=None, database_url=f"sqlite:///{place}/var/ketmine.db")) == undisturbed
    last = json.loads(ketmine("report", "--json").stdout)
    new = 0
    for run in range(1, last["run"] + 1):
        told = json.loads(ketmine("report", "--run", run, "--json").stdout)
        assert told["adds_up"]
        assert told["status"] in ("failed", "incomplete")  # killed, or left with the broken record
        new += told["fetch"]["new"]
    assert new == 258


@pytest.mark.slow
def test_killed_at_random_moments_nothing_is_lost_or_doubled(
    start, ketmine, place: Path, source: Path, undisturbed: dict
) -> None:
    moment = random.Random(4)
    assert sum(killed(start, source, moment) for _ in range(KILLS))
    check(place, ketmine, source, undisturbed)


@pytest.mark.soak
def test_killed_a_hundred_times(start, ketmine, place: Path, source: Path, undisturbed: dict) -> None:
    moment = random.Random(2)
    for _ in range(SOAK // 5):
        for _ in range(5):
            killed(start, source, moment)
        check(place, ketmine, source, undisturbed)
        for path in (place / "var").glob("ketmine.db*"):
            path.unlink()
        ketmine("db", "upgrade")


@pytest.mark.slow
def test_full_disk_is_said_and_the_next_night_goes_on(
    start, ketmine, place: Path, source: Path, undisturbed: dict
) -> None:
    size = (place / "var/ketmine.db").stat().st_size + 200_000

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    process = start("nightly", "--source", source, preexec_fn=no_room)
    _, said = process.communicate()
    assert process.returncode == ExitCode.IMPOSSIBLE
    assert len(said.splitlines()) == 1
    assert b"ketmine.db" in said
    check(place, ketmine, source, undisturbed)
