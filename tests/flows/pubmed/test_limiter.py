"""No more requests than NCBI allows, whoever sends them."""

import itertools
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from flows.pubmed.limiter import Limiter
from nlp.errors import KetmineError


class Clock:
    """A clock that only sleeping moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def test_requests_are_spaced_by_the_rate(tmp_path: Path) -> None:
    clock = Clock()
    limiter = Limiter("x", 3, folder=tmp_path, clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(10):
        limiter.wait()
        moments.append(clock.now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert min(gaps) >= 1 / 3


def test_a_request_that_arrives_late_puts_off_those_after_it(tmp_path: Path) -> None:
    clock = Clock()
    limiter = Limiter("x", 3, folder=tmp_path, clock=clock, sleep=clock.sleep)
    with limiter.turn():
        clock.now += 0.9  # it may have arrived at any of these moments
    answered = clock.now
    moments = []
    for _ in range(3):
        with limiter.turn():
            moments.append(clock.now)
    assert moments[0] - answered >= 1 / 3
    assert moments[2] - answered >= 1


def test_a_request_that_fails_puts_off_those_after_it_too(tmp_path: Path) -> None:
    clock = Clock()
    limiter = Limiter("x", 3, folder=tmp_path, clock=clock, sleep=clock.sleep)
    with pytest.raises(ZeroDivisionError), limiter.turn():
        clock.now += 5
        raise ZeroDivisionError
    limiter.wait()
    assert clock.now > 105.3


def test_a_first_request_does_not_wait(tmp_path: Path) -> None:
    clock = Clock()
    Limiter("x", 3, folder=tmp_path, clock=clock, sleep=clock.sleep).wait()
    assert clock.now == 100.0


def test_two_limiters_of_one_server_share_the_rate_and_of_two_servers_do_not(tmp_path: Path) -> None:
    clock = Clock()
    one, same, other = (Limiter(name, 3, folder=tmp_path, clock=clock, sleep=clock.sleep) for name in "aab")
    one.wait()
    other.wait()
    assert clock.now == 100.0
    same.wait()
    assert clock.now > 100.3


def test_a_moment_from_before_the_machine_was_restarted_is_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    limiter = Limiter("x", 3, folder=tmp_path, clock=clock, sleep=clock.sleep)
    for moment in ("9999999", "161"):
        limiter.path.write_text(moment)
        limiter.wait()
    limiter.path.write_text("what")
    limiter.wait()
    assert clock.now == 100.0


def test_processes_share_the_rate(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from flows.pubmed.limiter import Limiter\n"
        "limiter = Limiter('x', 50, folder=pathlib.Path(sys.argv[1]))\n"
        "for _ in range(10): limiter.wait(); print(limiter.clock(), flush=True)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    moments = sorted(float(line) for worker in workers for line in worker.communicate()[0].split())
    assert len(moments) == 30
    assert moments[-1] - moments[0] >= 29 / 50


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KetmineError, match="Set TMPDIR"):
        Limiter("x", 3, folder=tmp_path / "file").wait()


def test_whoever_uses_the_machine_may_write_the_file(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        limiter = Limiter("x", 3, folder=tmp_path)
        limiter.wait()
    finally:
        os.umask(before)
    assert stat.filemode(limiter.path.stat().st_mode) == "-rw-rw-rw-"
    assert Limiter("x", 3).path.parent == Path(tempfile.gettempdir())


def test_nothing_is_written_through_a_link_or_into_a_pipe(tmp_path: Path) -> None:
    limiter, own = Limiter("x", 3, folder=tmp_path), tmp_path / "own"
    own.write_text("mine")
    limiter.path.symlink_to(own)
    with pytest.raises(KetmineError, match="Cannot keep NCBI's limit"):
        limiter.wait()
    assert own.read_text() == "mine"
    limiter.path.unlink()
    os.mkfifo(limiter.path)
    with pytest.raises(KetmineError, match="no plain file"):
        limiter.wait()
