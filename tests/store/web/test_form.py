"""The form of a correction offers what the extractor can produce, and takes nothing else."""

import pytest

from nlp.finding import AdverseEvent, Condition, Dose, Finding, Outcome, Provenance, Route, StudyProfile
from store.web.form import EDITABLE, RECORDS, SHOWN, changes, inputs

BASE = {
    "id": "0" * 16,
    "drug": "ketamine",
    "anchor": (0, 9),
    "anchor_text": "0.5 mg/kg",
    "evidence": (0, 9),
    "evidence_text": "0.5 mg/kg",
    "provenance": Provenance(document_hash="h", pipeline="rules", version="1"),
}
DOSE = Dose.model_validate({**BASE, "low": 0.5, "high": 0.5, "unit": "mg/kg", "route": "intravenous"})
EVENT = AdverseEvent.model_validate({**BASE, "assertion": "present", "rate": "17%", "transient": True})
OUTCOME = Outcome.model_validate(
    {**BASE, "effect": "improved", "direction": "decreased", "p_value": "<0.001"}
)
ALL = (DOSE, EVENT, OUTCOME)


def entered(finding: Finding, **edits: str) -> dict[str, str]:
    """Give what the browser would send for the form as drawn, with some fields edited."""
    drawn = {item.field: item.value for item in inputs(finding)}
    sent = {field: value for field, value in {**drawn, **edits}.items() if value}
    return {SHOWN: " ".join(drawn), **sent}


@pytest.mark.parametrize("finding", ALL, ids=lambda f: f.type)
def test_a_form_sent_back_untouched_changes_nothing(finding: Finding) -> None:
    assert changes(finding, entered(finding)) == {}


def test_a_form_changes_only_the_fields_that_it_shows() -> None:
    assert changes(EVENT, {SHOWN: "rate", "rate": "20%", "assertion": "absent"}) == {"rate": "20%"}
    assert changes(EVENT, {SHOWN: "rate transient"}) == {"rate": None, "transient": False}


def test_a_form_that_does_not_say_what_it_shows_blanks_nothing() -> None:
    assert changes(EVENT, {"rate": "20%"}) == {"rate": "20%"}


def test_a_condition_over_two_lines_of_the_abstract_is_one_line_of_the_form() -> None:
    study = StudyProfile(
        species="human", design="cohort", conditions=(Condition(text="resistant\ndepression", span=(0, 20)),)
    )
    drawn = {item.field: item.value for item in inputs(study)}
    assert drawn["conditions"] == "resistant depression"
    assert changes(study, drawn) == {}


@pytest.mark.parametrize("finding", ALL, ids=lambda f: f.type)
def test_a_choice_offers_every_value_of_its_enumeration(finding: Finding) -> None:
    for item in inputs(finding):
        assert item.kind != "choice" or item.value in {value for value, _ in item.choices}
    drug = next(item for item in inputs(finding) if item.field == "drug")
    assert [value for value, _ in drug.choices][:2] == ["ketamine", "esketamine"]


@pytest.mark.parametrize(
    ("finding", "edits", "expected"),
    [
        (DOSE, {"low": "0.1"}, {"low": 0.1}),
        (DOSE, {"route": "oral"}, {"route": Route.ORAL}),
        (DOSE, {"route": ""}, {"route": None}),
        (DOSE, {"schedule": " twice weekly "}, {"schedule": "twice weekly"}),
        (EVENT, {"transient": ""}, {"transient": False}),
        (EVENT, {"own_result": ""}, {"own_result": False}),
        (EVENT, {"serious": "yes", "rate": ""}, {"serious": True, "rate": None}),
        (OUTCOME, {"direction": ""}, {"direction": None}),
        (OUTCOME, {"effect": "unclear"}, {"effect": "unclear"}),
    ],
)
def test_what_was_edited_is_read_back(
    finding: Finding, edits: dict[str, str], expected: dict[str, object]
) -> None:
    assert changes(finding, entered(finding, **edits)) == expected


@pytest.mark.parametrize(
    ("finding", "edits", "words"),
    [
        (DOSE, {"route": "by post"}, "Route: 'by post' is none of intravenous"),
        (DOSE, {"low": "half"}, "Amount, from: 'half' is not a number"),
        (DOSE, {"low": "nan"}, "a number from 0 up"),
        (DOSE, {"low": "-1"}, "a number from 0 up"),
        (DOSE, {"unit": ""}, "Unit: a value is needed"),
        (EVENT, {"assertion": ""}, "Said to be: a value is needed"),
        (OUTCOME, {"value": "9" * 500}, "at most 200 characters"),
    ],
)
def test_what_the_extractor_could_not_say_is_refused(
    finding: Finding, edits: dict[str, str], words: str
) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        changes(finding, entered(finding, **edits))


def test_every_editable_field_is_a_field_of_its_record() -> None:
    for type_, fields in EDITABLE.items():
        assert set(fields) <= set(RECORDS[type_].model_fields)
