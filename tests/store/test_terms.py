"""What a curator writes gets the shared terms that a reader would give it."""

import pytest

from nlp.article import document_of
from nlp.finding import Concept, Drug, Finding
from store.terms import in_shared_terms
from tests.store.conftest import article, found

TEXT = document_of(
    article(abstract="MADRS scores and nausea followed 0.5 mg/kg over 40 min. PONV was rare.")
).text


@pytest.mark.parametrize(
    ("type_", "words", "fields", "wanted"),
    [
        ("dose", "0.5 mg/kg", {"unit": "ug/kg"}, {"ucum": "ug/kg"}),
        ("dose", "0.5 mg/kg", {"infusion": "40 min"}, {"infusion_minutes": 40.0}),
        ("dose", "0.5 mg/kg", {"infusion": None}, {"infusion_minutes": None}),
        ("outcome", "MADRS scores", {"timepoint": "two weeks"}, {"timepoint_hours": 336.0}),
        ("outcome", "MADRS scores", {"timepoint": "some days"}, {"timepoint_hours": None}),
    ],
)
def test_numbers_and_codes_follow_the_field(
    type_: str, words: str, fields: dict[str, object], wanted: dict[str, object]
) -> None:
    made = in_shared_terms(found(TEXT, type_, words, **fields), fields)
    assert {name: getattr(made, name) for name in wanted} == wanted


def test_concepts_follow_the_drug_and_the_words() -> None:
    def concept(finding: Finding, field: str) -> str:
        made: Concept = getattr(in_shared_terms(finding, ("drug", "anchor_text")), field)
        return made.name

    esketamine = found(TEXT, "dose", "0.5 mg/kg", drug=Drug.ESKETAMINE)
    assert "ketamine" in concept(esketamine, "drug_concept").lower()
    assert concept(esketamine, "drug_concept") != concept(found(TEXT, "dose", "0.5 mg/kg"), "drug_concept")
    assert "Montgomery" in concept(found(TEXT, "outcome", "MADRS scores"), "instrument")
    assert concept(found(TEXT, "adverse_event", "nausea"), "concept") == "Nausea"


def test_words_without_a_concept_leave_the_one_that_a_reader_knew() -> None:
    known = Concept(curie="MESH:D020250", name="Postoperative Nausea and Vomiting")
    event = found(TEXT, "adverse_event", "was rare", concept=known)
    assert in_shared_terms(event, ("anchor_text",)) == event


def test_what_is_not_written_stays_and_what_is_written_wins() -> None:
    outcome = found(TEXT, "outcome", "MADRS scores", timepoint="24 h", timepoint_hours=1.0)
    assert in_shared_terms(outcome, ("effect",)) == outcome
    assert in_shared_terms(outcome, ("timepoint", "timepoint_hours")) == outcome
