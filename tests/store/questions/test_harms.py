"""How often which adverse event, at which dose, and what cannot be pooled."""

from typing import Any

import pytest

from store.pooling import wilson
from store.questions.evidence import Regimen
from store.questions.harms import adverse_events, misuse
from store.questions.regimens import dose_response, regimens
from tests.store.questions.conftest import seen
from tests.store.questions.test_effects import cells


def given(**fields: Any) -> Regimen:
    drawn = {
        "mg_per_kg_low": 0.5,
        "mg_per_kg_high": 0.5,
        "mg_low": None,
        "mg_high": None,
        "route": "intravenous",
        "anchor": "0.5 mg/kg",
    }
    return Regimen(**drawn | fields)


def test_only_counts_are_pooled_one_a_study(event) -> None:
    rows = (event(rate="3/30"), event(rate="1/10"), event("NCT2", rate="20%"), event("NCT3", rate="often"))
    answer = adverse_events(seen(*rows))
    told = cells(
        answer.tables[0], "event", "studies", "pooled_studies", "events", "people", "percentages", "median"
    )
    assert told == [("nausea", 3, 1, 3, 30, 1, 0.2)]
    assert answer.tables[0].lines[0].cells["low"] == pytest.approx(wilson(3, 30).low, abs=1e-4)
    reasons = {entry.reason: entry.findings for entry in answer.left_out}
    assert reasons["percentages without a denominator: from the pooled rates"] == 1
    assert reasons["rates that are neither counts nor a share: from the pooled rates"] == 1


def test_a_reported_absence_is_no_silence(event) -> None:
    answer = adverse_events(
        seen(event(), event("NCT2", assertion="absent"), event("NCT3", assertion="possible"))
    )
    assert cells(answer.tables[0], "studies", "present", "absent", "possible") == [(3, 1, 1, 1)]


def test_passing_and_serious_events_are_counted_by_study(event) -> None:
    rows = (
        event(transient=True),
        event(transient=True),
        event("NCT2", serious=True),
        event("NCT3", assertion="absent", serious=True),
    )
    assert cells(adverse_events(seen(*rows)).tables[0], "transient", "serious") == [(1, 1)]


def test_events_stand_under_the_dose_they_are_linked_to(event) -> None:
    linked, several, free = event(), event("NCT2"), event("NCT3")
    doses = {
        linked.id: [given()],
        several.id: [given(), given(mg_per_kg_low=1.0, mg_per_kg_high=1.0, route="oral")],
    }
    answer = adverse_events(seen(linked, several, free, doses=doses))
    _, routes, bands = answer.tables
    assert cells(routes, "route", "studies") == [("intravenous", 1)]
    assert cells(bands, "dose", "studies") == [("0.4–0.6", 1)]
    assert any(entry.findings == 1 and "no dose" in entry.reason for entry in answer.left_out)


def test_misuse_is_told_by_setting_and_the_bladder_apart(event) -> None:
    rows = (
        event(concept_name="Substance-Related Disorders", assertion="absent"),
        event("NCT2", concept_name="Cystitis, Interstitial", setting="recreational"),
        event("NCT3"),
    )
    answer = misuse(seen(*rows))
    assert cells(answer.tables[0], "group", "setting", "present", "absent") == [
        ("bladder and kidneys", "recreational", 1, 0),
        ("misuse and dependence", "psychiatric", 0, 1),
    ]
    assert "1 studies speak of misuse or dependence; 0 report it" in answer.says[1].replace(
        "study", "studies"
    )


def test_an_unlinked_result_is_in_no_dose_table(outcome, event) -> None:
    linked, free = outcome(value="-7"), event()
    answer = dose_response(seen(linked, free, doses={linked.id: [given()]}))
    assert cells(answer.tables[0], "route", "dose", "improved") == [("intravenous", "0.4–0.6", 1)]
    assert answer.tables[1].lines == ()
    assert cells(answer.tables[4], "dose", "what", "value") == [("0.5 mg/kg", "MADRS", "-7")]
    assert answer.left_out[0].findings == 1


def test_doses_in_mg_are_not_converted(outcome) -> None:
    spray = outcome()
    fixed = given(mg_per_kg_low=None, mg_per_kg_high=None, mg_low=56.0, mg_high=84.0, route="intranasal")
    answer = dose_response(seen(spray, doses={spray.id: [fixed]}))
    assert all(table.lines == () for table in answer.tables)
    single = given(mg_per_kg_low=None, mg_per_kg_high=None, mg_low=84.0, mg_high=84.0, route="intranasal")
    answer = dose_response(seen(spray, doses={spray.id: [single]}))
    assert cells(answer.tables[2], "route", "dose") == [("intranasal", "over 56 to 84")]


def test_a_regimen_is_its_dose_route_infusion_and_schedule(dose) -> None:
    rows = (
        dose(),
        dose("NCT2", sample_size=20),
        dose("NCT3", schedule="twice weekly"),
        dose("NCT4", unit="mg", mg_per_kg_low=None, mg_per_kg_high=None),
    )
    answer = regimens(seen(*rows))
    assert cells(answer.tables[0], "dose", "infusion", "schedule", "studies", "participants") == [
        ("0.5 mg/kg", "40 min", "–", 2, 60),
        ("0.5 mg", "40 min", "–", 1, 40),
        ("0.5 mg/kg", "40 min", "twice weekly", 1, 40),
    ]
    assert answer.left_out[0].findings == 1
