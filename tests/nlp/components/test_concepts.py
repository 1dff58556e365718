"""Mentions are given the terms that abstracts share."""

from nlp.article import Document
from nlp.pipeline import load_pipeline, read

TEXT = """Ketamine for depression
METHODS: Patients with post-traumatic stress disorder (PTSD) received ketamine 0.5 mg/kg intravenously over 40 minutes.
RESULTS: MADRS scores decreased at 24 hours (p<0.001). Dizziness occurred in 4 of 20 patients. Symptoms of PTSD improved."""


def test_doses_results_and_conditions_are_normalised() -> None:
    (reading,) = read(load_pipeline("rules"), [Document(id="x", text=TEXT)])
    dose = next(f for f in reading.findings if f.type == "dose")
    assert (dose.ucum, dose.infusion_minutes, dose.drug_concept.curie) == ("mg/kg", 40, "CHEBI:6121")
    outcome = next(f for f in reading.findings if f.type == "outcome" and "MADRS" in f.anchor_text)
    assert (outcome.instrument.curie, outcome.domain) == ("ketmine.instrument:MADRS", "depression")
    assert outcome.timepoint_hours == 24
    event = next(f for f in reading.findings if f.type == "adverse_event")
    assert event.concept.curie == "MESH:D004244"
    assert {c.concept.curie for c in reading.study.conditions} >= {"MESH:D013313"}
