"""The edge between ketmine and a terminal: exit codes, messages, progress; errors are translated here."""

import errno
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

from flows.errors import BusyError, SettingsError
from flows.settings import settings
from nlp.errors import KetmineError

T = TypeVar("T")


class ExitCode(IntEnum):
    """What the exit code of every `ketmine` command means."""

    DONE = 0
    PARTLY = 1
    USAGE = 2
    IMPOSSIBLE = 3
    BUSY = 4
    BUG = 70
    INTERRUPTED = 130
    NOBODY_READS = 141


MEANING = {
    ExitCode.DONE: "done",
    ExitCode.PARTLY: "done, but something could not be read or is not ready: stderr says what",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.IMPOSSIBLE: "could not be done: stderr says why, and what to do",
    ExitCode.BUSY: "another run is at work on this database; nothing was done",
    ExitCode.BUG: "an unexpected error: stderr names the log that holds its traceback",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C); what was committed stays",
    ExitCode.NOBODY_READS: "whoever read the output went away (`| head`)",
}


class Edge(TyperGroup):
    """The `ketmine` command; turns whatever a verb raises into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a verb."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:
            _forget_stdout()
            code = ExitCode.NOBODY_READS
        except BusyError as error:
            code = say(str(error), ExitCode.BUSY)
        except KetmineError as error:
            code = say(str(error), ExitCode.IMPOSSIBLE)
        except KeyboardInterrupt:
            code = say(
                "interrupted; what was committed stays, run the command again to go on", ExitCode.INTERRUPTED
            )
        except Exception as error:
            if type(error).__module__.startswith("typer."):
                raise
            if ctx.obj and ctx.obj.get("debug"):
                raise
            code = _unforeseen(error)
        raise typer.Exit(code)


def say(message: str, code: ExitCode = ExitCode.DONE) -> ExitCode:
    """Write one line to stderr, and give the code back."""
    print("ketmine:", " ".join(message.split()), file=sys.stderr)  # noqa: T201
    return code


def stop(message: str, code: ExitCode) -> NoReturn:
    """Write one line to stderr and leave."""
    raise typer.Exit(say(message, code))


def watched(
    items: Iterable[T], what: str, total: int | None = None, weigh: Callable[[T], int] | None = None
) -> Iterator[T]:
    """Yield the items, with a progress bar on stderr where that is a terminal; what is weighed is bytes."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn, track

    console = Console(stderr=True)
    if weigh is None:
        yield from track(items, what, total=total, console=console, transient=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        for item in items:
            progress.advance(task, weigh(item))
            yield item


def _unforeseen(error: Exception) -> ExitCode:
    if reason := _environment_reason(error):
        return say(reason, ExitCode.IMPOSSIBLE)
    try:
        from flows.log import start_log

        where = start_log(settings())
        logging.getLogger("ketmine").exception("unexpected error")
        hint = f"The traceback is in {where}"
    except (OSError, SettingsError):
        hint = "Its traceback could not be logged"
    return say(
        f"unexpected error: {type(error).__name__}: {error}. {hint}; `ketmine --debug …` shows it here.",
        ExitCode.BUG,
    )


def _environment_reason(error: Exception) -> str | None:
    """Name what is wrong outside ketmine: a full disk, an unreadable file, a database that is gone."""
    if isinstance(error, OSError):
        what = f"{error.filename}: " if error.filename else ""
        full = " Free some space and run the command again: what was committed stays." if _full(error) else ""
        return f"{what}{error.strerror or error}.{full}"
    if type(error).__module__ == "sqlalchemy.exc" and hasattr(error, "orig"):
        reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
        return (
            f"The database refused: {reason}. Nothing uncommitted was kept; `ketmine doctor` looks into it."
        )
    return None


def _full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _forget_stdout() -> None:
    """Point stdout nowhere, so that Python's own flush at exit does not complain."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
