"""Errors become one line on stderr and an exit code; starting is cheap."""

import errno
import io
import json
import signal
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest
import typer
from typer.testing import CliRunner

from flows.cli.edge import MEANING, Edge, ExitCode, watched
from flows.errors import BusyError
from nlp.errors import KetmineError
from tests.flows.cli.conftest import ROOT, Ketmine


def command_that(raises: BaseException) -> typer.Typer:
    app = typer.Typer(cls=Edge)

    @app.callback()
    def nothing() -> None: ...

    @app.command()
    def verb() -> None:
        raise raises

    return app


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KetmineError("PMID 1 is odd"), ExitCode.IMPOSSIBLE, "PMID 1 is odd"),
        (BusyError("someone else"), ExitCode.BUSY, "someone else"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device", "k.db"), ExitCode.IMPOSSIBLE, "Free some space"),
        (PermissionError(errno.EACCES, "Permission denied", "k.db"), ExitCode.IMPOSSIBLE, "k.db: Permission"),
        (ZeroDivisionError("by zero"), ExitCode.BUG, "unexpected error: ZeroDivisionError"),
    ],
)
def test_error_is_one_line_and_an_exit_code(error: BaseException, code: ExitCode, said: str) -> None:
    result = CliRunner().invoke(command_that(error), ["verb"])
    assert result.exit_code == code
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.output


def test_unexpected_error_is_in_the_log_that_the_message_names(place) -> None:
    result = CliRunner().invoke(command_that(ZeroDivisionError("by zero")), ["verb"])
    assert "var/log/ketmine.jsonl" in result.stderr
    entry = json.loads((place / "var/log/ketmine.jsonl").read_text().splitlines()[-1])
    assert "ZeroDivisionError" in entry["traceback"]


def test_database_that_refuses_is_named() -> None:
    from sqlalchemy.exc import OperationalError

    error = OperationalError("insert …", {}, Exception("database is locked"))
    result = CliRunner().invoke(command_that(error), ["verb"])
    assert result.exit_code == ExitCode.IMPOSSIBLE
    assert "The database refused: database is locked" in result.stderr
    assert "insert" not in result.stderr


def test_bytes_have_a_progress_bar_where_stderr_is_a_terminal(monkeypatch) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(watched([b"abc", b"d"], "Fetching it", 4, len)) == [b"abc", b"d"]
    assert "Fetching it" in terminal.getvalue()
    assert "4/4 bytes" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(watched([1], "Reading")) == [1]
    assert sys.stderr.getvalue() == ""


def test_every_exit_code_is_explained_in_the_help(ketmine) -> None:
    text = ketmine("--help").output
    assert set(MEANING) == set(ExitCode)
    assert all(f" {code.value} " in text for code in ExitCode)


def test_help_imports_nothing_heavy() -> None:
    heavy = {"spacy", "prefect", "sqlalchemy", "fastapi", "Bio"}
    code = f"import sys, flows.cli; print(*(sys.modules.keys() & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_wrong_setting_is_a_line(ketmine, monkeypatch) -> None:
    monkeypatch.setenv("KETMINE_JOBS", "many")
    result = ketmine("extract", "-", "--output", "-")
    assert result.exit_code == ExitCode.IMPOSSIBLE
    assert "KETMINE_JOBS" in result.stderr


@pytest.mark.slow
def test_ctrl_c_and_a_reader_that_goes_away_are_clean(start) -> None:
    endless = b'{"id": "%d", "text": "ketamine 0.5 mg/kg"}\n'
    process = start("extract", "-", "--output", "-")
    process.stdin.write(b"not json\n")
    process.stdin.flush()
    assert b"line 1" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == ExitCode.INTERRUPTED
    assert b"Traceback" not in said

    process = start("extract", "-", "--output", "-")
    process.stdout.close()
    said = b""
    try:
        process.stdin.write(b"".join(endless % number for number in range(200)))
        process.stdin.close()
    except BrokenPipeError:
        pass
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == ExitCode.NOBODY_READS
    assert said == b""


def test_the_version_needs_no_verb(ketmine: Ketmine) -> None:
    try:
        installed = version("ketmine")
    except PackageNotFoundError:
        pytest.skip("ketmine is not installed here, only on the path")
    assert ketmine("--version").stdout == f"{installed}\n"
