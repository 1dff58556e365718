"""A migrated store, and records to put into it, invented and with sensible defaults."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from nlp.article import AbstractSection, Article, document_of
from nlp.finding import (
    AdverseEvent,
    Design,
    Dose,
    Finding,
    Outcome,
    Provenance,
    Reading,
    Species,
    StudyProfile,
    finding_id,
)
from store.articles import keep_article
from store.database import connect, session_scope
from store.findings import Reconciled, keep_reading
from store.runs import run_id_of, start_run
from tests.store.postgres import fresh

ABSTRACT = (
    "Sixty adults received ketamine 0.5 mg/kg or midazolam. "
    "At 24 h the MADRS score was lower after ketamine (p<0.001). "
    "Dissociation occurred in 8 of 30 patients and resolved."
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))])
def on_each(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Engine]:
    """Give a new migrated store, on each of the two databases."""
    if request.param == "postgresql":
        with fresh(request.getfixturevalue("postgres")) as url:
            made = connect(url)
            yield made
            made.dispose()
        return
    shutil.copy(migrated, tmp_path / "store.db")
    made = connect(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.dispose()


@pytest.fixture
def engine(on_each: Engine) -> Engine:
    """Give a new migrated store; the tests of pages have one of their own by this name."""
    return on_each


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Give one open transaction on a new store."""
    with session_scope(engine) as opened:
        yield opened


@pytest.fixture
def run_id(session: Session) -> int:
    """Give the id of a run that was started."""
    return run_id_of(start_run(session, "nightly", {}))


def article(pmid: str = "9900001", abstract: str = ABSTRACT, **fields: Any) -> Article:
    """Make an article."""
    title = fields.pop("title", "Ketamine in depression: a trial")
    sections = (AbstractSection(text=abstract),) if abstract else ()
    return Article(pmid=pmid, title=title, abstract=sections, **fields)


def found(text: str, type_: str, words: str, ordinal: int = 0, **fields: Any) -> Finding:
    """Make a finding on words of a text, in the sentence that holds them."""
    start = text.index(words)
    first = max(text.rfind(". ", 0, start) + 2, text.rfind("\n", 0, start) + 1)
    last = text.find(".", start + len(words))
    kinds: dict[str, tuple[type[Finding], dict[str, Any]]] = {  # type: ignore[valid-type]
        "dose": (Dose, {"low": 0.5, "high": 0.5, "unit": "mg/kg"}),
        "outcome": (Outcome, {"direction": "decreased", "effect": "improved"}),
        "adverse_event": (AdverseEvent, {"assertion": "present"}),
    }
    made, values = kinds[type_]
    source = Provenance(document_hash="0" * 64, pipeline="rules", version="1")
    drug = fields.pop("drug", "ketamine")
    comparator, timepoint = fields.get("comparator"), fields.get("timepoint")
    return made(  # type: ignore[operator,no-any-return]
        id=finding_id("0" * 64, type_, drug, words, comparator, timepoint, ordinal),
        drug=drug,
        anchor=(start, start + len(words)),
        anchor_text=words,
        evidence=(first, last),
        evidence_text=text[first:last],
        provenance=source,
        **{**values, **fields},
    )


def reading(of: Article, *findings: Finding, version: str = "1", **study: Any) -> Reading:
    """Make a reading of an article; without findings, one dose, one outcome and one adverse event."""
    document = document_of(of)
    if not findings and document.text.count("MADRS score"):
        dose = found(document.text, "dose", "0.5 mg/kg")
        findings = (
            dose,
            found(
                document.text, "outcome", "MADRS score", doses=(dose.id,), p_value="<0.001", timepoint="24 h"
            ),
            found(document.text, "adverse_event", "Dissociation", rate="8 of 30", transient=True),
        )
    profile = {"species": Species.HUMAN, "design": Design.RANDOMIZED_TRIAL, "setting": "psychiatric"} | study
    return Reading(
        id=document.id,
        text=document.text,
        study=StudyProfile(**profile),
        findings=tuple(findings),
        provenance=Provenance(document_hash=document.hash, pipeline="rules", version=version),
    )


@pytest.fixture
def keep(session: Session, run_id: int) -> Callable[..., Reconciled]:
    """Give a function that keeps an article and a reading of it."""

    def kept(of: Article, read: Reading | None = None) -> Reconciled:
        keep_article(session, run_id, of, of.model_dump_json().encode())
        return keep_reading(session, run_id, of.pmid, read or reading(of))

    return kept
