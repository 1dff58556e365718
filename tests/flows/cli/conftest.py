"""A place of its own for every test of the command line."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.settings import settings

ROOT = Path(__file__).resolve().parents[3]

Ketmine = Callable[..., Result]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory, and no KETMINE_* variable but that of the fast pipeline."""
    for name in [name for name in os.environ if name.startswith("KETMINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KETMINE_PIPELINE", "rules")
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def ketmine() -> Ketmine:
    """Run `ketmine …` in this process."""

    def run(*arguments: object, stdin: bytes | str | None = None) -> Result:
        settings.cache_clear()
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)

    return run


def hear_ctrl_c() -> None:
    """Take SIGINT as Python does by default."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def started(
    place: Path, *arguments: object, environment: dict[str, str] | None = None, **options: object
) -> subprocess.Popen:
    """Start `ketmine …` as a process of its own, as a user has it."""
    command = [sys.executable, "-m", "flows", *map(str, arguments)]
    pipes: dict[str, object] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    own = {name: value for name, value in os.environ.items() if not name.startswith("KETMINE_")}
    own |= {"PYTHONPATH": str(ROOT), "KETMINE_PIPELINE": "rules"} | (environment or {})
    # a shell's background job ignores SIGINT, and so would what it starts; a user's terminal does not
    options.setdefault("preexec_fn", hear_ctrl_c)
    return subprocess.Popen(command, cwd=place, env=own, **(pipes | options))


@pytest.fixture
def start(place: Path) -> Callable[..., subprocess.Popen]:
    """Start `ketmine …` as a process in the working directory."""

    def popen(*arguments: object, **options: object) -> subprocess.Popen:
        return started(place, *arguments, **options)

    return popen
