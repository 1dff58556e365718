"""Two runs at once on one database: the second says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows.errors import BusyError
from flows.lock import only_run

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
    with only_run(f"sqlite:///{tmp_path}/other.db", tmp_path), only_run("sqlite://", tmp_path / "locks"):
        pass


def test_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/k.db"
    with pytest.raises(RuntimeError), only_run(url, tmp_path):
        raise RuntimeError
    with only_run(url, tmp_path):
        pass
