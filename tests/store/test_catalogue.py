"""Concepts, studies and articles of the findings that fit, alike on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from nlp.article import RegistryNumber
from nlp.finding import Concept
from store.catalogue import KINDS, articles, concepts, studies
from store.filters import FindingQuery
from tests.store.conftest import article, found, reading

NCT = (RegistryNumber(bank="ClinicalTrials.gov", accession="NCT99000001"),)
EVENT = Concept(curie="HP:0032940", name="Dissociation")
DRUG = Concept(curie="CHEBI:6121", name="ketamine")
SCALE = Concept(curie="ketmine.instrument:MADRS", name="MADRS")


@pytest.fixture
def held(session: Session, keep: Callable[..., Any]) -> Session:
    """Keep two papers of one trial and another article."""
    for pmid, fields in (
        ("9900001", {"registry_numbers": NCT}),
        ("9900002", {"registry_numbers": NCT, "title": "Its second paper"}),
        ("9900003", {"title": "Another trial"}),
    ):
        of = article(pmid, **fields)
        text = reading(of).text
        keep(
            of,
            reading(
                of,
                found(text, "outcome", "MADRS score", instrument=SCALE, drug_concept=DRUG),
                found(text, "adverse_event", "Dissociation", concept=EVENT),
                sample_size=60,
            ),
        )
    return session


def test_papers_of_one_trial_are_one_study(held: Session) -> None:
    first, second = studies(held, FindingQuery())
    assert (first.study, first.pmids, first.sample_size) == ("9900001", ("9900001", "9900002"), 60)
    assert (first.dose, first.outcome, first.adverse_event) == (0, 2, 2)
    assert second.pmids == ("9900003",)
    assert studies(held, FindingQuery(), after=first.study) == [second]


def test_concepts_are_counted_by_findings_and_by_studies(held: Session) -> None:
    found_ = [
        (one.kind, one.curie, one.name, one.findings, one.studies) for one in concepts(held, FindingQuery())
    ]
    event, drug, scale = (
        ("adverse_event", *EVENT.model_dump().values(), 3, 2),
        ("drug", *DRUG.model_dump().values(), 3, 2),
        ("instrument", *SCALE.model_dump().values(), 3, 2),
    )
    assert found_ == [event, drug, scale]
    after = concepts(held, FindingQuery(), after=drug[:2])  # type: ignore[arg-type]
    assert [one.curie for one in after] == [SCALE.curie]
    assert concepts(held, FindingQuery(type=("outcome",)), ["adverse_event"]) == []
    assert set(KINDS) >= {event[0], drug[0], scale[0]}


def test_articles_are_listed_with_how_many_of_their_findings_fit(held: Session) -> None:
    listed = articles(held, FindingQuery(type=("outcome",)), limit=2)
    assert [(row.pmid, row.study, n) for row, n in listed] == [
        ("9900001", "9900001", 1),
        ("9900002", "9900001", 1),
    ]
    assert [row.pmid for row, _ in articles(held, FindingQuery(), after="9900002")] == ["9900003"]
