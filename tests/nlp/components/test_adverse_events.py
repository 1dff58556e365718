"""Unwanted effects in invented sentences: which, whether they occurred, and how often."""

import pytest

from nlp.components.unwanted import read_events
from nlp.folding import fold


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
