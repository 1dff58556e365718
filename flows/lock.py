"""One run at a time on a database; the kernel lets go of the lock when a process dies, however it dies."""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from flows.errors import BusyError
from flows.log import log
from store.database import located

Held = Callable[[], bool]
"""Says whether the lock is held, taking it anew where PostgreSQL let go of it since its connection broke."""


@contextmanager
def only_run(database_url: str, folder: Path) -> Iterator[Held]:
    """Hold the lock of a database.

    A SQLite file has its lock beside it, and is held as long as it lies where it lay; any other database has one in
    `folder`, and PostgreSQL an advisory lock too, which holds for every machine that uses it.

    Raises:
        BusyError: another run holds it.
    """
    url = located(database_url)
    name = hashlib.sha256(url.render_as_string(hide_password=True).encode()).hexdigest()[:16]
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    path = Path(f"{url.database}.lock") if is_file else folder / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(url.render_as_string(hide_password=True)) from None
        try:
            if url.get_backend_name() == "postgresql":
                with _advisory(url, int(name[:15], 16)) as held:
                    yield held
            else:
                yield _stays(Path(str(url.database))) if is_file else lambda: True
        finally:
            # closing is not enough: a process that another thread is just starting has the file open too
            fcntl.flock(lock, fcntl.LOCK_UN)


def _stays(file: Path) -> Held:
    """Make what says whether a file is still where it is now: what is written to one that was moved is lost."""

    def place() -> tuple[int, int] | None:
        found = file.stat() if file.exists() else None
        return (found.st_dev, found.st_ino) if found else None

    first = place()
    return lambda: place() == first


@contextmanager
def _advisory(url: URL, key: int) -> Iterator[Held]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        holder = _taken(connection, key)
        if holder is None:
            raise _busy(engine.url.render_as_string(hide_password=True))

        def held() -> bool:
            nonlocal holder
            for _ in range(2):  # what broke is noticed by the first question; the second has a new connection
                try:
                    if connection.scalar(text("select pg_backend_pid()")) != holder:
                        holder = _taken(connection, key)
                        log.warning(
                            "PostgreSQL let go of the lock of this run", extra={"again": bool(holder)}
                        )
                    connection.commit()
                    return holder is not None
                except DBAPIError:
                    connection.rollback()
            return False

        try:
            yield held
        finally:
            if holder is not None:
                _let_go(connection, key)


def _let_go(connection: Connection, key: int) -> None:
    """Unlock in so many words: the server notices a connection's end late, and the next machine asks once."""
    try:
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})
        connection.commit()
    except DBAPIError:  # the connection is broken, and the lock gone with it
        connection.rollback()


def _taken(connection: Connection, key: int) -> int | None:
    """Take the lock, and give the process of the server that holds it for us; None where it is somebody else's."""
    taken = connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": key})
    holder = connection.scalar(text("select pg_backend_pid()"))
    connection.commit()  # the lock belongs to the session, not to the transaction
    return holder if taken else None


def _busy(database: str) -> BusyError:
    return BusyError(
        f"Another run is at work on {database}; nothing was done. Wait for it, or see `ketmine report`."
    )
