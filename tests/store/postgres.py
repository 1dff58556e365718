"""A real PostgreSQL for the tests: Debian's binaries, a folder of our own, a socket and no port."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

_numbers = itertools.count()


def _program(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(installed[-1]) if installed else None)


def _run(user: str | None, *command: str) -> None:
    # PostgreSQL refuses to run as root: Debian's package brings the user postgres
    as_user = ("runuser", "-u", user, "--") if user else ()
    done = subprocess.run([*as_user, *command], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        pytest.skip(f"PostgreSQL does not start here: {done.stderr.strip() or done.stdout.strip()}")


@contextmanager
def serving() -> Iterator[str]:
    """Serve, and give a URL with `{name}` where the database's name goes."""
    given = os.environ.get("KETMINE_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    pg_ctl, initdb = _program("pg_ctl"), _program("initdb")
    if not pg_ctl or not initdb:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    user = "postgres" if os.geteuid() == 0 else None
    # not pytest's folder, which no other user may enter
    folder = Path(tempfile.mkdtemp(prefix="ketmine-postgres-"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    _run(
        user,
        initdb,
        "-D",
        str(data),
        "-U",
        "ketmine",
        "--auth=trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    options = (
        f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    )
    _run(user, pg_ctl, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        base = f"postgresql://ketmine@/{{name}}?host={folder}"
        admin(base, "CREATE DATABASE template")
        yield base
    finally:
        _run(user, pg_ctl, "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh(base: str, of: str = "template") -> Iterator[str]:
    """Give the URL of a new database, a copy of another: by default of the migrated template."""
    name = f"store_{os.getpid()}_{next(_numbers)}"
    admin(base, f"CREATE DATABASE {name} TEMPLATE {of}")
    yield base.format(name=name)
    admin(base, f"DROP DATABASE {name} WITH (FORCE)")


def admin(base: str, statement: str) -> None:
    """Run a statement from outside the stores."""
    url = base.format(name="postgres").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
