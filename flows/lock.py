"""One run at a time on a database; the kernel lets go of the lock when a process dies, however it dies."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from flows.errors import BusyError


@contextmanager
def only_run(database_url: str, folder: Path) -> Iterator[None]:
    """Hold the lock of a database.

    A SQLite file has its lock beside it; any other database has one in `folder`, and PostgreSQL an advisory
    lock too, which holds for every machine that uses it.

    Raises:
        BusyError: another run holds it.
    """
    url = make_url(database_url)
    name = hashlib.sha256(url.render_as_string(hide_password=True).encode()).hexdigest()[:16]
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    path = Path(f"{url.database}.lock") if is_file else folder / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(url.render_as_string(hide_password=True)) from None
        if url.get_backend_name() == "postgresql":
            with _advisory(database_url, int(name[:15], 16)):
                yield
        else:
            yield


@contextmanager
def _advisory(database_url: str, key: int) -> Iterator[None]:
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        if not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": key}):
            raise _busy(engine.url.render_as_string(hide_password=True))
        connection.commit()  # the lock belongs to the session, not to the transaction
        yield


def _busy(database: str) -> BusyError:
    return BusyError(
        f"Another run is at work on {database}; nothing was done. Wait for it, or see `ketmine report`."
    )
