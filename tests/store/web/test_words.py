"""A finding in one line of words."""

import pytest

from nlp.finding import AdverseEvent, Dose, Finding, Outcome, StudyProfile
from store.web.words import line, name, say, study
from tests.store.web.test_form import BASE


def dose(**fields: object) -> Dose:
    return Dose.model_validate({**BASE, "low": 0.5, "high": 0.5, "unit": "mg/kg", **fields})


def event(**fields: object) -> AdverseEvent:
    return AdverseEvent.model_validate({**BASE, "assertion": "present", **fields})


def outcome(**fields: object) -> Outcome:
    return Outcome.model_validate({**BASE, "effect": "improved", **fields})


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (dose(), "0.5 mg/kg"),
        (dose(low=0.1), "0.1–0.5 mg/kg"),
        (
            dose(route="intravenous", infusion="40 min", schedule="single"),
            "0.5 mg/kg | intravenous | over 40 min | single",
        ),
        (event(rate="17%"), "0.5 mg/kg | present | 17%"),
        (event(transient=True, serious=True), "0.5 mg/kg | present | passed by itself | serious"),
        (event(comparison="similar"), "0.5 mg/kg | present | as often as the comparator"),
        (event(assertion="absent", comparison="less"), "0.5 mg/kg | absent | less often than the comparator"),
        (outcome(), "0.5 mg/kg | described | better for the patient"),
        (
            outcome(
                direction="decreased", comparator="placebo", timepoint="24 h", p_value="<0.001", ci="1 to 2"
            ),
            "0.5 mg/kg | ↓ decreased | better for the patient"
            " | against placebo | 24 h | CI 1 to 2 | p <0.001",
        ),
        (
            outcome(value="61%", comparator_value="25%"),
            "0.5 mg/kg | described | better for the patient | 61% against 25%",
        ),
    ],
)
def test_a_finding_is_said_in_a_line(finding: Finding, words: str) -> None:
    said = line(finding)
    assert " | ".join(part for part in (said.subject, said.claim, *said.details) if part) == words


def test_a_serious_event_has_a_serious_tone() -> None:
    assert line(event(serious=True)).tone == "serious"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (False, "no"),
        (0.5, "0.5"),
        ("in_vitro", "in vitro"),
        ("MADRS_x", "MADRS_x"),
    ],
)
def test_values_are_said_as_a_person_would(value: object, words: str) -> None:
    assert say(value) == words


def test_a_study_is_said_in_a_line() -> None:
    profile = StudyProfile(
        species="human", design="randomized_trial", blinding="double_blind", sample_size=1604
    )
    assert study(profile) == "randomised trial, double-blind, 1\u202f604 participants"
    assert study(StudyProfile(species="animal", design="preclinical")) == "preclinical, animal"
    assert study(StudyProfile(species="none", design="other")) == "design not told"
    assert study(None) == ""


def test_unknown_fields_are_still_words() -> None:
    assert name("comparator_value") == "Comparator's value"
    assert name("new_field") == "New field"
