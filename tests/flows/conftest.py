"""A migrated store, settings that point to it, and PubMed XML to read: invented records."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from flows.nightly import Plan, run
from flows.settings import Settings
from store.database import connect, session_scope
from store.summary import Summary, summary
from store.tables import FindingRow

# the fast mode: what these tests say of flows holds of every pipeline
os.environ["KETMINE_PIPELINE"] = "rules"

SAMPLE = Path(__file__).resolve().parents[2] / "examples"

Night = Callable[..., Summary]


def record(pmid: str, abstract: str = "", title: str = "Ketamine for depression", extra: str = "") -> str:
    """Make a PubMed record; `extra` goes into its citation."""
    text = f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract>" if abstract else ""
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID>{extra}<Article><ArticleTitle>'
        f"{title}</ArticleTitle>{text}</Article></MedlineCitation><PubmedData/></PubmedArticle>"
    )


def xml(*records: str) -> bytes:
    """Make a PubMed file of records."""
    return f'<?xml version="1.0"?><PubmedArticleSet>{"".join(records)}</PubmedArticleSet>'.encode()


def trial(pmid: str) -> str:
    """Make a record with a dose and an adverse event."""
    return record(
        pmid,
        f"Depressed adults received ketamine 0.{pmid[-1]}5 mg/kg. Dizziness occurred in 3 of 20 patients.",
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def settings(place: Path, migrated: Path) -> Settings:
    """Settings with a new migrated store."""
    shutil.copy(migrated, place / "k.db")
    return Settings(_env_file=None, database_url=f"sqlite:///{place}/k.db", var=place / "var")


@pytest.fixture
def look(settings: Settings) -> Iterator[Session]:
    """A session that reads what is committed."""
    engine = connect(settings.database_url)
    with session_scope(engine, writes=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def night(settings: Settings) -> Night:
    """Run a command, and give what it did."""

    def ran(command: str = "nightly", *sources: Path, where: Settings = settings, **plan: object) -> Summary:
        run_id = run(command, where, Plan(sources=sources, **plan))
        return told(where, run_id)

    return ran


def told(settings: Settings, run_id: int | None = None) -> Summary:
    """Give the summary of a run, by default the last."""
    engine = connect(settings.database_url)
    with session_scope(engine, writes=False) as session:
        try:
            return summary(session, run_id)
        finally:
            engine.dispose()


def contents(settings: Settings) -> dict[str, list[tuple]]:
    """Give what a store holds for good: every table but the runs, and no id or time that a run may choose."""
    engine = connect(settings.database_url)
    with session_scope(engine, writes=False) as session:
        tables = {
            "articles": "select pmid, title, retracted, deleted, notices from articles order by pmid",
            "versions": "select pmid, number, content_hash, text from article_versions order by pmid, number",
            "raw": "select hash, pmid from raw_records order by hash",
            "readings": "select pmid, pipeline, pipeline_version, document_hash from readings order by pmid, id",
            "findings": "select id, pmid, type, status, start, quote, record from findings order by id",
            "flags": "select finding_id, code, origin, reason from finding_flags order by 1, 2, 3",
            "doses": "select finding_id, dose_id from finding_doses order by 1, 2",
        }
        rows = {
            name: [tuple(map(_plain, row)) for row in session.connection().exec_driver_sql(sql)]
            for name, sql in tables.items()
        }
    engine.dispose()
    return rows


def _plain(value: object) -> object:
    """Give JSON as text, as SQLite has it; PostgreSQL's driver reads it."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def findings(session: Session, pmid: str) -> list[str]:
    """List the living findings of an article as type and anchor."""
    rows = session.exec(select(FindingRow).where(FindingRow.pmid == pmid, FindingRow.status != "superseded"))
    return sorted(f"{row.type} {row.anchor}" for row in rows)
