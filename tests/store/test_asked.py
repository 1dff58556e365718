"""What answers have shown is counted in the background; no answer waits for it, and nobody is named."""

import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from sqlmodel import Session, select

from store.articles import keep_article
from store.asked import Tally, add_asked, note_once
from store.database import connect, now, session_scope
from store.runs import run_id_of, start_run
from store.tables import Asked
from tests.store.conftest import article


@pytest.fixture
def held(session: Session, run_id: int) -> Session:
    """A store with two articles."""
    for pmid in ("9900001", "9900002"):
        keep_article(session, run_id, article(pmid), pmid.encode())
    return session


def counts(session: Session) -> dict[str, int]:
    """Give the counts that the store has."""
    return {row.pmid: row.times for row in session.exec(select(Asked))}


def test_counts_add_up_and_keep_the_last_day(held: Session) -> None:
    add_asked(held, {"9900001": 2})
    add_asked(held, {"9900001": 1, "9900002": 1})
    add_asked(held, {})
    assert counts(held) == {"9900001": 3, "9900002": 1}
    row = held.get(Asked, "9900001")
    assert row is not None
    assert row.last_on == now().date()
    assert isinstance(row.last_on, date)


def test_neither_who_asked_nor_what_for_has_a_place(engine: Engine) -> None:
    assert {column["name"] for column in inspect(engine).get_columns("asked")} == {"pmid", "times", "last_on"}


@pytest.fixture
def file(tmp_path: Path, migrated: Path) -> Iterator[str]:
    """The URL of a store in a file, with one article."""
    shutil.copy(migrated, tmp_path / "store.db")
    url = f"sqlite:///{tmp_path}/store.db"
    engine = connect(url)
    with session_scope(engine) as session:
        keep_article(session, run_id_of(start_run(session, "nightly", {})), article(), b"1")
    yield url
    engine.dispose()


def in_file(url: str) -> dict[str, int]:
    """Give the counts in a file."""
    engine = connect(url)
    with session_scope(engine, writes=False) as session:
        found = counts(session)
    engine.dispose()
    return found


def test_a_server_writes_when_the_time_has_come(file: str) -> None:
    tally = Tally(connect(file), every=0.01)
    tally.note(["9900001", "9900001"])
    end = time.monotonic() + 20
    while in_file(file) != {"9900001": 1}:
        assert time.monotonic() < end


def test_what_a_locked_store_does_not_take_is_written_the_next_time(file: str) -> None:
    tally = Tally(connect(file + "?timeout=0"), every=3600)
    tally.note(["9900001"])
    other = connect(file)
    with session_scope(other) as writer:
        writer.connection()
        tally.write()
        note_once(file, ["9900001"])  # a command gives up
    assert in_file(file) == {}
    tally.note(["9900001"])
    tally.write()
    tally.write()
    assert in_file(file) == {"9900001": 2}
    other.dispose()


def test_a_command_counts_at_once(file: str) -> None:
    note_once(file, ["9900001"])
    note_once(file, [])
    assert in_file(file) == {"9900001": 1}
