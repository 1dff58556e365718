"""How fast, how long, in whom and against what, counted by one vote a study."""

from typing import Any

from store.questions.balance import benefit_risk, contradictions
from store.questions.bands import MG_PER_KG, TIMES, band, comparator, one_band
from store.questions.effects import by_condition, durability, head_to_head, onset, suicidality
from tests.store.questions.conftest import seen


def cells(table: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(line.cells[name] for name in names) for line in table.lines]


def test_a_band_holds_its_upper_end() -> None:
    assert [band(TIMES, hours) for hours in (0.5, 4, 4.1, 24, 168, 10_000)] == [
        "within 4 h", "within 4 h", "4–24 h", "4–24 h", "3–7 days", "over a year",
    ]  # fmt: skip
    assert one_band(MG_PER_KG, 0.5, 0.5) == "0.4–0.6"
    assert one_band(MG_PER_KG, 0.1, 1.0) is None
    assert one_band(MG_PER_KG, None, None) is None


def test_a_comparator_is_named_by_its_words() -> None:
    said = {
        "normal saline": "placebo", "midazolam": "midazolam", "electroconvulsive therapy": "ECT", "esketamine": "esketamine",
        "(R)-ketamine": "arketamine", "racemic ketamine": "ketamine", "baseline": "before treatment", "yoga": "other",
    }  # fmt: skip
    assert {words: comparator(words, "norketamine") for words in said} == said
    assert comparator("ketamine 0.1 mg/kg", "ketamine") == "another regimen of it"
    assert comparator(None, "ketamine") == "not stated"


def test_a_study_has_one_vote_whatever_it_repeats(outcome) -> None:
    answer = onset(seen(outcome(), outcome(), outcome("NCT2", effect="no_difference", sample_size=10)))
    (grid,) = answer.tables
    assert cells(grid, "instrument", "time", "studies", "improved", "no_difference", "participants") == [
        ("MADRS", "4–24 h", 2, 1, 1, 50)
    ]
    assert grid.lines[0].findings == ("outcome-1", "outcome-2", "outcome-3")


def test_a_study_that_disagrees_with_itself_is_mixed(outcome) -> None:
    (grid,) = onset(seen(outcome(), outcome(effect="worsened"))).tables
    assert cells(grid, "improved", "worsened", "mixed") == [(0, 0, 1)]


def test_what_has_no_time_or_a_late_one_is_counted_out(outcome) -> None:
    answer = onset(seen(outcome(timepoint_hours=None), outcome(timepoint_hours=400.0), outcome()))
    assert [entry.findings for entry in answer.left_out] == [1, 1]


def test_durability_takes_up_after_a_week_and_lists_relapse(outcome) -> None:
    relapse = outcome("NCT2", domain="relapse_durability", anchor="relapse", value="45%", effect="unclear")
    answer = durability(seen(outcome(timepoint_hours=672.0), outcome(), relapse))
    grid, listed = answer.tables
    assert cells(grid, "time", "studies") == [("2 wk–1 month", 1)]
    assert cells(listed, "endpoint", "value") == [("relapse", "45%")]
    assert answer.left_out[0].findings == 1


def test_suicidality_is_an_outcome_and_an_adverse_event(outcome, event) -> None:
    ideation = outcome(domain="suicidality", instrument_curie="ketmine.instrument:SSI")
    attempt = event("NCT2", concept_name="Suicide, Attempted", serious=True)
    _, against, events = suicidality(seen(ideation, attempt)).tables
    assert cells(against, "drug", "against", "improved") == [("ketamine", "placebo", 1)]
    assert cells(events, "event", "present") == [("suicide, attempted", 1)]


def test_the_map_of_conditions_prefers_the_outcomes_own(outcome) -> None:
    answer = by_condition(
        seen(
            outcome(condition_name="Anxiety"),
            outcome("NCT2"),
            outcome("NCT3", pmid="9"),
            conditions={"9900001": ["Depression"]},
        )
    )
    assert cells(answer.tables[0], "condition", "studies") == [("Anxiety", 1), ("Depression", 1)]
    assert answer.left_out[0].findings == 1


def test_drugs_are_set_beside_what_they_were_compared_with(outcome, event) -> None:
    answer = head_to_head(
        seen(
            outcome(comparator="ECT", effect="no_difference"),
            outcome("NCT2", comparator=None),
            event(comparison="more"),
        )
    )
    grid, harms = answer.tables
    assert cells(grid, "drug", "against", "no_difference") == [("ketamine", "ECT", 1)]
    assert cells(harms, "event", "more") == [("nausea", 1)]
    assert answer.left_out[0].findings == 1


def test_benefit_and_risk_stand_on_one_line(outcome, event) -> None:
    rows = (outcome(), event(serious=True), event("NCT2", assertion="absent"))
    answer = benefit_risk(seen(*rows, conditions={"9900001": ["Depression"]}))
    told = cells(answer.tables[0], "condition", "improved", "event_studies", "seen", "absent", "serious")
    assert told == [("Depression", 1, 2, 1, 1, 1)]
    assert answer.plot is not None
    assert {point.series for point in answer.plot.points} == {"outcome better", "a serious adverse event"}


def test_a_contradiction_shows_the_strongest_of_each_side(outcome) -> None:
    weak = outcome("NCT1", design="cohort", sample_size=900)
    strong = outcome("NCT2", sample_size=60)
    against = outcome("NCT3", effect="no_difference", sample_size=30)
    (pairs,) = contradictions(seen(weak, strong, against)).tables
    assert [line.findings for line in pairs.lines] == [(strong.id, against.id)]


def test_a_study_does_not_contradict_itself(outcome) -> None:
    (pairs,) = contradictions(seen(outcome(), outcome(effect="worsened"))).tables
    assert pairs.lines == ()


def test_other_questions_are_no_contradiction(outcome) -> None:
    later = outcome("NCT2", effect="no_difference", timepoint_hours=672.0)
    (pairs,) = contradictions(seen(outcome(), later)).tables
    assert pairs.lines == ()
