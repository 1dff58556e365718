"""The store opens, migrates both ways, and says in words what is wrong with it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, select

from nlp.errors import StoreError
from store.companions import title_key
from store.curation.queue import waiting
from store.database import (
    MIGRATIONS,
    connect,
    migrate,
    now,
    require_schema,
    revisions,
    schema_state,
    session_scope,
)
from store.export import write
from store.filters import EVERYTHING, FindingQuery
from store.queries import find
from store.runs import start_run
from store.tables import ArticleRow, FindingFlag, FindingRow, RawRecord, Run
from tests.store.web.conftest import fill


def test_the_migrations_make_the_schema_that_the_tables_describe(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        # the full-text index, the wordings, SQLite's covering indexes and the order of the queue are the databases' own
        known = ("search", "wordings", "covering", "ix_findings_queue")
        own = [
            change
            for change in compare_metadata(context, SQLModel.metadata)
            if not any(name in str(change) for name in known)
        ]
        assert own == []


def test_a_migration_is_known_by_its_files_name() -> None:
    held = ScriptDirectory(str(MIGRATIONS))
    assert [one.revision for one in held.walk_revisions()][::-1] == revisions()


def test_a_store_goes_down_to_nothing_and_up_again(engine: Engine) -> None:
    with session_scope(engine) as session:
        start_run(session, "nightly", {})
    assert migrate(engine, "base").current is None
    assert migrate(engine).ready


def test_each_migration_goes_down_and_up_with_data_in_it(engine: Engine) -> None:
    fill(engine)
    with session_scope(engine, writes=False) as session:
        before = exported_all(session)
        assert [item.finding.pmid for item in find(session, FindingQuery(text="midazolam")).items]
    for revision in reversed(revisions()[:-1]):
        migrate(engine, revision)
        assert schema_state(engine).current == revision
    assert migrate(engine).ready
    with session_scope(engine, writes=False) as session:
        assert exported_all(session) == before
        assert len(find(session, FindingQuery(text="midazolam")).items) == 4
        assert find(session, FindingQuery()).total == 4


def test_the_titles_that_a_store_holds_get_what_they_are_compared_by(engine: Engine) -> None:
    migrate(engine, "0011")
    held = [{"pmid": str(number), "title": f"[Low\u2010dose KETAMINE {number}.]"} for number in range(2_001)]
    row = "INSERT INTO articles (pmid, version_id, title, retracted, deleted, notices)"
    with engine.begin() as connection:
        connection.execute(text(f"{row} VALUES (:pmid, 0, :title, false, false, '[]')"), held)
    migrate(engine)
    with session_scope(engine, writes=False) as session:
        keys = session.execute(select(ArticleRow.pmid, ArticleRow.title_key)).all()
        assert dict(map(tuple, keys)) == {one["pmid"]: title_key(one["title"]) for one in held}


def test_what_waits_keeps_its_order_while_the_index_of_the_queue_is_made_anew(engine: Engine) -> None:
    fill(engine)
    with session_scope(engine) as session:
        row = session.exec(select(FindingRow).where(FindingRow.type == "outcome")).first()
        assert row is not None
        session.add(FindingFlag(finding_id=row.id, code="dose_split", origin="store", reason="It was split."))
        row.flagged = row.attention = True

    def queue() -> list[tuple[str, str]]:
        with session_scope(engine, writes=False) as session:
            return [(one.item.finding.id, one.reason) for one in waiting(session)]

    before = queue()
    assert "Its dose was split: choose which part applies" in dict(before).values()
    for revision, rank in (("0014", 4), ("0015", 5)):
        migrate(engine, revision)
        with engine.connect() as connection:
            (made,) = connection.execute(text(QUEUE_INDEX[engine.dialect.name])).scalars()
        assert f"attention THEN {rank} " in " ".join(made.split())
    assert queue() == before


QUEUE_INDEX = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'ix_findings_queue'",
    "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_findings_queue'",
}


def exported_all(session: Session) -> list[bytes]:
    """Give every finding in the form that leaves the store."""
    return list(write(session, FindingQuery(**EVERYTHING), "jsonl"))


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_is_not(engine: Engine) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with (
        pytest.raises(StoreError, match="took too long"),
        session_scope(engine, writes=False, seconds=0.2) as session,
    ):
        session.connection().exec_driver_sql(endless)
    with session_scope(engine, writes=False) as session:
        assert session.connection().exec_driver_sql("SELECT 1").scalar() == 1


def test_an_empty_database_is_refused_and_never_migrated_in_silence(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(StoreError, match="ketmine db upgrade"):
        require_schema(engine)
    assert schema_state(engine).current is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://localhost/x", "sqlite:///"),
        ("nonsense", "KETMINE_DATABASE_URL"),
        ("oracle+x://y", "KETMINE"),
    ],
)
def test_a_url_that_cannot_be_used_is_named(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        connect(url)


def test_a_plain_postgresql_url_gets_the_driver_that_is_installed() -> None:
    assert connect("postgresql://somewhere/ketmine").url.drivername == "postgresql+psycopg"


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("this is a shopping list " * 100)
    with pytest.raises(StoreError, match="no SQLite database"):
        schema_state(connect(f"sqlite:///{tmp_path}/notes.db"))


def test_an_unmigrated_database_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(StoreError, match="not migrated"), session_scope(engine) as session:
        start_run(session, "nightly", {})


def test_nothing_of_a_scope_that_raised_is_kept(engine: Engine) -> None:
    def half_done() -> None:
        with session_scope(engine) as session:
            start_run(session, "nightly", {})
            raise KeyError("later")

    with pytest.raises(KeyError):
        half_done()
    with session_scope(engine) as session:
        assert session.exec(select(Run)).all() == []


def test_times_are_aware_utc_and_a_naive_one_is_refused(session: Session) -> None:
    run = start_run(session, "nightly", {})
    session.expire_all()
    assert session.exec(select(Run)).one().started_at.tzinfo is UTC
    run.finished_at = datetime(2026, 1, 1)
    with pytest.raises(Exception, match="no time zone"):
        session.flush()
    session.rollback()


def test_foreign_keys_are_on(session: Session) -> None:
    session.add(RawRecord(hash="x", body=b"", run_id=77, received_at=now()))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_writers_of_a_process_wait_for_one_another_without_asking_again(
    tmp_path: Path, migrated: Path
) -> None:
    shutil.copy(migrated, tmp_path / "store.db")
    engine = connect(f"sqlite:///{tmp_path}/store.db?timeout=0")  # SQLite itself does not wait
    came: list[str] = []

    def write(name: str) -> None:
        with session_scope(engine) as session:
            session.add(Run(command=name, started_at=now()))
            session.flush()
            came.append(name)

    second = Thread(target=write, args=("second",))
    with session_scope(engine) as session:
        session.add(Run(command="first", started_at=now()))
        session.flush()
        second.start()
        while engine.pool.checkedout() < 2:  # type: ignore[attr-defined]
            second.join(0.001)
        came.append("first")
    second.join(30)
    assert came == ["first", "second"]
    with pytest.raises(StoreError), session_scope(engine) as session:
        session.execute(text("no SQL"))
    write("third")  # whoever fails leaves the line, too
    engine.dispose()
