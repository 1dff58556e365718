"""What was backed up comes back whole, on either database, decisions included."""

import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from nlp.errors import StoreError
from store.articles import keep_article
from store.backup import backup, restore
from store.database import connect, migrate, session_scope
from store.findings import keep_reading
from store.people.rights import Person, Role
from store.review import decide
from store.runs import run_id_of, start_run
from store.tables import ArticleVersion, Decision, FindingRow
from tests.store.conftest import article, reading


@pytest.fixture
def stocked(engine: Engine) -> Engine:
    """Give a store with an article, its findings and a decision."""
    with session_scope(engine) as session:
        run_id = run_id_of(start_run(session, "nightly", {}))
        keep_article(session, run_id, article(), b"<raw>\xc3\xa5</raw>")
        keep_reading(session, run_id, "9900001", reading(article()))
        row = session.exec(select(FindingRow).where(FindingRow.type == "outcome")).one()
        decide(session, row.id, "accept", Person("Ada", Role.CURATOR), seen=row.revision)
    return engine


def everything(engine: Engine, path: Path) -> dict[str, bytes]:
    """Give the content of every table."""
    backup(engine, path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".jsonl")}


def test_a_backup_restored_elsewhere_is_the_same_store(stocked: Engine, tmp_path: Path) -> None:
    before = everything(stocked, tmp_path / "one.zip")
    other = connect(f"sqlite:///{tmp_path}/other.db")
    held = restore(tmp_path / "one.zip", other)
    assert (held.rows["findings"], held.rows["decisions"]) == (3, 1)
    assert everything(other, tmp_path / "two.zip") == before
    with session_scope(other) as session:
        assert session.exec(select(Decision)).one().curator == "Ada"
        again = keep_reading(session, 1, "9900001", reading(article()))
        assert again.unchanged == 3


def test_a_restored_store_goes_on_counting(stocked: Engine, tmp_path: Path) -> None:
    backup(stocked, tmp_path / "one.zip")
    other = connect(f"sqlite:///{tmp_path}/other.db")
    restore(tmp_path / "one.zip", other)
    with session_scope(other) as session:
        run_id = run_id_of(start_run(session, "nightly", {}))
        keep_article(session, run_id, article("9900002"), b"2")
        assert len({version.id for version in session.exec(select(ArticleVersion))}) == 2


def test_a_store_that_holds_something_is_not_replaced_unless_told(stocked: Engine, tmp_path: Path) -> None:
    backup(stocked, tmp_path / "one.zip")
    with pytest.raises(StoreError, match="--replace"):
        restore(tmp_path / "one.zip", stocked)
    restore(tmp_path / "one.zip", stocked, replace=True)
    with Session(stocked) as session:
        assert len(session.exec(select(FindingRow)).all()) == 3


def test_what_is_no_backup_is_said_to_be_none(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(StoreError, match="no backup of ketmine"):
        restore(tmp_path / "x.zip", engine)
    with pytest.raises(StoreError, match="no backup of ketmine"):
        restore(tmp_path / "nothing.zip", engine)


def test_a_backup_of_a_later_version_is_refused(stocked: Engine, tmp_path: Path) -> None:
    backup(stocked, tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as one, zipfile.ZipFile(tmp_path / "new.zip", "w") as new:
        for name in one.namelist():
            body = one.read(name)
            new.writestr(
                name, json.dumps(json.loads(body) | {"revision": "9999"}) if name == "manifest.json" else body
            )
    other = connect(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(StoreError, match="schema 9999"):
        restore(tmp_path / "new.zip", other)


def test_a_backup_that_lost_rows_changes_nothing(stocked: Engine, tmp_path: Path) -> None:
    backup(stocked, tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as one, zipfile.ZipFile(tmp_path / "less.zip", "w") as less:
        for name in one.namelist():
            less.writestr(name, b"" if name == "decisions.jsonl" else one.read(name))
    other = connect(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(StoreError, match="promises 1 rows of decisions"):
        restore(tmp_path / "less.zip", other)
    migrate(other)
    with Session(other) as session:
        assert session.exec(select(FindingRow)).all() == []


def test_a_place_that_cannot_be_written_is_named(stocked: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        backup(stocked, tmp_path / "file" / "one.zip")
