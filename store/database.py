"""The engine, the scope of a session, and the schema's state: SQLite by default, PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import URL, CursorResult, Engine, event, inspect, make_url, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlmodel import Session, create_engine

from nlp.errors import StoreError
from store.curation import tables as _curation  # noqa: F401 - whoever opens a store knows all its tables
from store.people import tables as _people  # noqa: F401 - whoever opens a store knows all its tables

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

BUSY_SECONDS = 30
"""How long SQLite waits for another writer before it says that the database is locked; `?timeout=` in the URL sets another."""


POOL: dict[str, Any] = {"pool_size": 20, "max_overflow": 20}
"""How many connections stay open once they were needed, and how many more there can be: a server works in forty threads.

A connection beyond the first number is closed after each use, and the next begins with nothing prepared.
"""

BETWEEN_LOOKS = 200_000
"""Steps of SQLite between two looks at the clock, some milliseconds: each look waits for the interpreter's lock."""

PRAGMAS = (
    *("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"),
    f"mmap_size = {2**30}",  # pages are read where the system holds them, not copied into each connection
    "temp_store = MEMORY",
)

SETTINGS = ("jit = off", "max_parallel_workers_per_gather = 0", "work_mem = '32MB'", "random_page_cost = 1.1")
"""Of a connection to PostgreSQL: many who ask at once, each for little, of what lies in memory or on a solid disk.

To compile a query, or to start processes for it, takes longer than the query and takes its processor from the others.
"""

FREE_SPACE = "free some space and run the command again: what was committed stays"


class SchemaState(NamedTuple):
    """The schema's revision in the database (`None`: empty) and the one this code wants."""

    current: str | None
    wanted: str

    @property
    def ready(self) -> bool:
        """Say whether the database can be used as it is."""
        return self.current == self.wanted


def now() -> datetime:
    """Give the present moment, in UTC and aware."""
    return datetime.now(UTC)


def connect(url: str) -> Engine:
    """Make the engine of a store; nothing is opened until it is used, but SQLite's folder is made.

    Raises:
        StoreError: the URL is not one of SQLite or PostgreSQL.
    """
    target = located(url)
    try:
        if target.get_backend_name() == "postgresql":
            engine = create_engine(target, pool_pre_ping=True, **POOL)
            event.listen(engine, "connect", _settle)
            return engine
        in_memory = target.database in (None, "", ":memory:")
        if target.database and not in_memory and not target.database.startswith("file:"):
            Path(target.database).parent.mkdir(parents=True, exist_ok=True)
        patience = {} if "timeout" in target.query else {"timeout": BUSY_SECONDS}
        engine = create_engine(target, connect_args=patience, **({} if in_memory else POOL))
    except OSError as error:
        raise StoreError(
            f"Cannot make the folder of the database {target.database}: {error.strerror}. "
            "Give KETMINE_DATABASE_URL a place you can write to."
        ) from None
    engine.dialect.statement_compiler = _Hinted
    event.listen(engine, "connect", _set_pragmas)
    _stand_in_line(engine)
    return engine


def located(url: str) -> URL:
    """Read the URL of a store, and name the driver that we have for it.

    Raises:
        StoreError: the URL is not one of SQLite or PostgreSQL.
    """
    try:
        target = make_url(url)
        backend = target.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"KETMINE_DATABASE_URL is no database URL that can be used: {error}") from None
    if target.drivername in ("postgresql", "postgres"):
        return target.set(drivername="postgresql+psycopg")
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(f"KETMINE_DATABASE_URL names {backend}: use sqlite:///… or postgresql://…")
    return target


def _settle(connection: Any, _: Any) -> None:
    connection.autocommit = True  # what is set in a transaction is gone with it
    with connection.cursor() as cursor:
        for setting in SETTINGS:
            cursor.execute(f"SET {setting}")
    connection.autocommit = False


class _Hinted(SQLiteCompiler):
    """Write a statement for SQLite with the index it names; SQLAlchemy does so for other databases alone."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        """Give what stands behind the table's name."""
        return text


def _set_pragmas(connection: Any, _: Any) -> None:
    # the driver's own transactions begin late and break SAVEPOINT; ours begin with the session's, see _begin
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    # SQLite's own lower() knows ASCII alone, and the field writes Montgomery-Åsberg
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _stand_in_line(engine: Engine) -> None:
    """Let the writers of this process wait for one another at a lock, and those of others at SQLite's.

    SQLite asks again and again, up to a tenth of a second apart, and whoever asks at the right moment comes first.
    """
    line = Lock()

    def begin(connection: Any) -> None:
        # a writer takes its lock at once and waits for it: an upgrade from reader to writer cannot wait, it fails
        writes = connection.get_execution_options().get("ketmine_writes", False)
        if writes and not connection.info.get("in_line"):
            connection.info["in_line"] = line.acquire(timeout=BUSY_SECONDS)
        if writes:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # it waits for nothing and cannot fail: no need to go through SQLAlchemy's execution
            connection.connection.driver_connection.execute("BEGIN")

    def leave(_: Any, record: Any) -> None:
        if record.info.pop("in_line", False):
            line.release()

    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", leave)


@lru_cache(maxsize=8)
def _bound(engine: Engine, writes: bool) -> Engine:
    return engine.execution_options(ketmine_writes=writes)


@contextmanager
def session_scope(engine: Engine, *, writes: bool = True, seconds: float | None = None) -> Iterator[Session]:
    """Give a session that commits when the block ends and rolls back when it raises.

    With `seconds`, SQLite stops the block's queries when so long has passed, PostgreSQL each that takes so long.

    Raises:
        StoreError: the database is locked, gone, full or not migrated; nothing of the block is kept.
    """
    try:
        with (
            Session(_bound(engine, writes), expire_on_commit=False) as session,
            session.begin(),
            _limited(session, seconds),
        ):
            yield session
    except DBAPIError as error:
        raise StoreError(_in_words(engine, error)) from error


def rows(session: Session, statement: Any, **values: Any) -> CursorResult[Any]:
    """Give the rows of a statement that asks for columns, not for records: what the ORM adds to it costs as much again."""
    session.flush()
    return session.connection().execute(statement, values)


@contextmanager
def _limited(session: Session, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    end = monotonic() + seconds
    driver.set_progress_handler(lambda: monotonic() > end, BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _in_words(engine: Engine, error: DBAPIError) -> str:
    message = str(error.orig)
    where = engine.url.render_as_string(hide_password=True)
    for sign, advice in (
        ("database is locked", "another process holds it for longer than it should: wait, or stop that one"),
        ("interrupted", "the query took too long and was stopped: ask for less, with more filters"),
        ("statement timeout", "the query took too long and was stopped: ask for less, with more filters"),
        ("no such table", "it is not migrated: run `ketmine db upgrade`"),
        ("UndefinedTable", "it is not migrated: run `ketmine db upgrade`"),
        ("does not exist", "it is not migrated, or names another database: run `ketmine db upgrade`"),
        ("no such column", "it is of another version: run `ketmine db upgrade`"),
        ("disk is full", "free some space, then run the same command again: nothing is lost"),
        ("unable to open", "the file or its folder cannot be opened: look at KETMINE_DATABASE_URL"),
        ("readonly", "the file cannot be written: look at its permissions"),
        ("not a database", "the file is no SQLite database: look at KETMINE_DATABASE_URL"),
        ("malformed", "the file is damaged: restore a backup with `ketmine db restore`"),
        ("is full", FREE_SPACE),
        ("No space left", FREE_SPACE),
        (
            "I/O error",
            "the disk does not take it: look at its space and its health, and run the command again",
        ),
        ("onnection", "the server does not answer: is it running, and is KETMINE_DATABASE_URL right?"),
    ):
        if sign in message or sign in type(error.orig).__name__:
            return f"The database {where}: {message.strip()}; {advice}."
    return f"The database {where} refused: {message.strip()}."


def _alembic(engine: Engine) -> "Config":
    from alembic.config import (
        Config,
    )  # takes longer to import than all the rest that a server needs of the store

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def migrate(engine: Engine, revision: str = "head") -> SchemaState:
    """Bring the schema to a revision (`head`, `base` or an id), up or down, data kept."""
    from alembic import command

    try:
        config = _alembic(engine)
        current = schema_state(engine).current
        down = revision == "base" or (current is not None and _is_before(revision, current))
        (command.downgrade if down else command.upgrade)(config, revision)
        return schema_state(engine)
    except DBAPIError as error:
        raise StoreError(_in_words(engine, error)) from error


def revisions() -> list[str]:
    """List the schema's revisions, the first first; a migration's file is named by its revision."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _is_before(revision: str, current: str) -> bool:
    known = revisions()
    return {revision, current} <= set(known) and known.index(revision) < known.index(current)


def schema_state(engine: Engine) -> SchemaState:
    """Compare the schema in the database with the one this code wants."""
    try:
        with engine.connect() as connection:
            held = inspect(connection).has_table("alembic_version")
            current = connection.scalar(text("SELECT version_num FROM alembic_version")) if held else None
    except DBAPIError as error:
        raise StoreError(_in_words(engine, error)) from error
    except SQLAlchemyError as error:
        raise StoreError(f"Cannot reach the database: {error}") from error
    return SchemaState(current, revisions()[-1])


def require_schema(engine: Engine) -> None:
    """Refuse a database that is not migrated: never migrate in silence."""
    state = schema_state(engine)
    if not state.ready:
        found = f"schema {state.current}" if state.current else "empty"
        raise StoreError(
            f"The database is {found} and this version wants {state.wanted}: run `ketmine db upgrade`."
        )
