"""Unwanted effects in invented sentences: which, whether they occurred, and how often."""

import pytest

from nlp.article import Document
from nlp.components.unwanted import read_events
from nlp.folding import fold
from nlp.pipeline import load_pipeline, read


def events(sentence: str) -> list[tuple[str, str]]:
    folded = fold(sentence)
    return [(folded[e.start : e.end], e.assertion.value) for e in read_events(folded)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Dissociation occurred in 8 of 30 patients.", [("dissociation", "present")]),
        ("No patient had hallucinations.", [("hallucinations", "absent")]),
        ("Hallucinations were not observed.", [("hallucinations", "absent")]),
        (
            "None of the patients developed nausea or vertigo.",
            [("nausea", "absent"), ("vertigo", "absent")],
        ),
        ("Ketamine was well tolerated.", [("tolerated", "absent")]),
        ("Complications like infection and delirium will also be recorded.", []),
        ("Nausea, drowsiness and confusion were recorded before the infusion and after 2 h.", []),
        ("Adverse effects were not systematically studied.", []),
        (
            "Ketamine caused lack of spontaneity and thought disorder.",
            [("thought disorder", "present")],
        ),
        ("No serious adverse events occurred.", [("serious adverse events", "absent")]),
        ("Ketamine may cause cystitis.", [("cystitis", "possible")]),
        ("The incidence of nausea did not differ between groups.", [("nausea", "absent")]),
        (
            "The most common adverse events were dizziness, nausea, and headache.",
            [("dizziness", "present"), ("nausea", "present"), ("headache", "present")],
        ),
        (
            "Psychotomimetic and dissociative effects were noted.",
            [("psychotomimetic", "present"), ("dissociative effects", "present")],
        ),
        (
            "Dizziness was reported, but not hallucinations.",
            [("dizziness", "present"), ("hallucinations", "absent")],
        ),
        (
            "In the two groups 3 and 4% had headache (p = 0.76), 5 and 31% had nausea (p = 0.01).",
            [("headache", "absent"), ("nausea", "present")],
        ),
        ("Headache was more common with ketamine (p = 0.09).", [("headache", "present")]),
        ("Adverse events were recorded at each visit.", []),
        ("Patients were randomized to two groups.", []),
    ],
)
def test_assertion(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert events(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "comparison"),
    [
        ("Nausea was more common with ketamine than with placebo.", "more"),
        ("Nausea was less frequent with ketamine.", "less"),
        ("The rates of nausea were similar in both groups.", "similar"),
        ("Nausea was reported.", None),
    ],
)
def test_comparison(sentence: str, comparison: str | None) -> None:
    assert [e.comparison and e.comparison.value for e in read_events(fold(sentence))] == [comparison]


def test_rates_stand_beside_their_effect() -> None:
    folded = fold("Common adverse events were dizziness (33%), dissociation (27.6%) and nausea (25%).")
    found = read_events(folded)
    assert [folded[e.rate[0] : e.rate[1]] for e in found if e.rate] == ["33%", "27.6%", "25%"]


def test_transient_and_serious() -> None:
    (event,) = read_events(fold("Dissociation was transient and resolved within 2 hours."))
    assert event.transient and not event.serious
    (event,) = read_events(fold("Two patients had serious adverse events."))
    assert event.serious


def test_the_effect_of_another_drug_is_not_recorded() -> None:
    folded = fold("Lorazepam caused drowsiness.")
    assert read_events(folded, drugs=[(0, 9, False)]) == []


def rates_of(sentence: str) -> list[str]:
    folded = fold(sentence)
    return [folded[e.rate[0] : e.rate[1]] for e in read_events(folded) if e.rate]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Nausea occurred in 17% of patients.", ["17%"]),
        ("Nausea was seen in 8 of 47 patients.", ["8 of 47"]),
        ("Three patients experienced dissociation.", ["three patients"]),
        ("Nausea, dizziness and headache occurred in 4%, 6% and 9%, respectively.", ["4%", "6%", "9%"]),
        ("The most common adverse events (≥20%) were nausea and vertigo.", ["≥20%", "≥20%"]),
        ("No patient had nausea.", []),
    ],
)
def test_rates(sentence: str, expected: list[str]) -> None:
    assert rates_of(sentence) == expected


def test_a_composite_that_introduces_or_names_its_effects_is_none_of_them() -> None:
    assert events("Headache and nausea were the most common adverse events.") == [
        ("headache", "present"),
        ("nausea", "present"),
    ]


def test_unnamed_members_of_a_list_of_effects_are_read() -> None:
    found = events("Side effects included nausea, odd taste of metal, and headache.")
    assert ("odd taste of metal", "present") in found


def test_the_comparison_is_told_from_the_side_of_the_family_member() -> None:
    folded = fold("Nausea was more common with placebo than with ketamine.")
    drugs = [(folded.find("placebo"), folded.find("placebo") + 7, False)]
    drugs.append((folded.find("ketamine"), folded.find("ketamine") + 8, True))
    (event,) = read_events(folded, drugs=drugs)
    assert event.comparison == "less"


def test_the_treated_disorder_is_no_unwanted_effect() -> None:
    folded = fold("Adverse events included anxiety and nausea.")
    assert [folded[e.start : e.end] for e in read_events(folded, ["anxiety"])] == ["nausea"]


def test_the_background_goes_on_about_the_drug_of_the_sentence_before() -> None:
    text = (
        "On ketamine\nBACKGROUND: Ketamine is an anaesthetic. Its use can cause hallucinations. "
        "Alcohol is old. It causes vomiting."
    )
    reading = next(read(load_pipeline("rules"), [Document(id="x", text=text)]))
    found = [f.anchor_text for f in reading.findings if f.type == "adverse_event"]
    assert found == ["hallucinations"]


def test_two_family_members_have_one_finding_each() -> None:
    text = "A trial\nRESULTS: Esketamine and ketamine caused nausea in most patients."
    reading = next(read(load_pipeline("rules"), [Document(id="x", text=text)]))
    found = [(f.drug.value, f.anchor_text) for f in reading.findings if f.type == "adverse_event"]
    assert found == [("esketamine", "nausea"), ("ketamine", "nausea")]
