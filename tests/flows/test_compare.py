"""What two readings of a text do not have in common: gained, lost and changed, each once."""

import pytest

from flows.compare import Comparison, Difference, compare, compare_reading
from nlp.article import document_of
from nlp.finding import Flag, Reading, Unlinked
from tests.store.conftest import article, found, reading

TEXT = document_of(article()).text
DOSE = found(TEXT, "dose", "0.5 mg/kg")
SCORE = found(TEXT, "outcome", "MADRS score", doses=(DOSE.id,))
EVENT = found(TEXT, "adverse_event", "Dissociation")


def between(
    new: Reading, old: Reading | None = None
) -> list[tuple[str, str, dict[str, tuple[object, object]]]]:
    """Compare a reading with one of all three findings: kind, type and fields of what differs."""
    _, differences = compare_reading(old or reading(article(), DOSE, SCORE, EVENT), new)
    return [(difference.kind, difference.type, difference.fields) for difference in differences]


def test_the_same_reading_by_another_version_is_the_same() -> None:
    same, differences = compare_reading(
        reading(article(), DOSE, SCORE, EVENT),
        reading(
            article(),
            EVENT.model_copy(update={"confidence": 0.2, "flags": (Flag(code="x", reason="y"),)}),
            DOSE,
            SCORE,
            version="2",
        ),
    )
    assert same == {"dose": 1, "outcome": 1, "adverse_event": 1, "study": 1}
    assert differences == []


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((DOSE, SCORE), [("lost", "adverse_event", {})]),
        ((DOSE, SCORE, EVENT, found(TEXT, "dose", "midazolam")), [("gained", "dose", {})]),
        (
            (DOSE, SCORE, found(TEXT, "adverse_event", "Dissociation", assertion="absent", rate="8 of 30")),
            [("changed", "adverse_event", {"assertion": ("present", "absent"), "rate": (None, "8 of 30")})],
        ),
        ((DOSE, SCORE, found(TEXT, "adverse_event", "Dissociation occurred")), []),
        (
            (DOSE, SCORE, found(TEXT, "adverse_event", "Dissociation occurred in 8 of 30 patients")),
            [("gained", "adverse_event", {}), ("lost", "adverse_event", {})],
        ),
        (
            (DOSE, SCORE, found(TEXT, "adverse_event", "Dissociation", drug="esketamine")),
            [("gained", "adverse_event", {}), ("lost", "adverse_event", {})],
        ),
        (
            (DOSE, SCORE.model_copy(update={"doses": None, "unlinked": Unlinked.NONE_STATED}), EVENT),
            [("changed", "outcome", {"doses": ([DOSE.id], "none_stated")})],
        ),
    ],
    ids=[
        "not read any more",
        "read by the new one alone",
        "read otherwise",
        "more words, the same claim",
        "less than 0.3 of the union in common",
        "another drug",
        "no longer linked",
    ],
)
def test_findings_are_paired_by_type_drug_and_words(findings, expected) -> None:
    assert between(reading(article(), *findings)) == expected


def test_a_link_to_the_same_dose_under_another_id_is_the_same() -> None:
    longer = found(TEXT, "dose", "ketamine 0.5 mg/kg")
    linked = SCORE.model_copy(update={"doses": (longer.id,)})
    assert longer.id != DOSE.id
    assert between(reading(article(), longer, linked, EVENT)) == []


def test_the_profile_of_the_study_is_compared_too() -> None:
    new = reading(article(), DOSE, SCORE, EVENT, design="cohort", sample_size=60)
    assert between(new) == [
        ("changed", "study", {"design": ("randomized_trial", "cohort"), "sample_size": (None, 60)})
    ]


@pytest.fixture
def comparison() -> Comparison:
    """Three texts that lose and change the same, one that a side has not read, and a component that failed."""
    old = reading(article(), DOSE, SCORE, EVENT)
    new = reading(article(), DOSE, SCORE.model_copy(update={"p_value": "<0.05"}))
    broken = new.model_copy(update={"flags": (Flag(code="component_failed", reason="doses failed"),)})
    return compare("rules@1", "rules@2", [(old, new), None, (old, new), (old, broken)], examples=2)


def test_every_difference_is_counted(comparison: Comparison) -> None:
    told = {type_: tally.model_dump(exclude_defaults=True) for type_, tally in comparison.tallies.items()}
    assert told == {
        "dose": {"same": 3},
        "outcome": {"changed": 3, "fields": {"p_value": 3}},
        "adverse_event": {"lost": 3},
        "study": {"same": 3},
    }
    assert (comparison.texts, comparison.passed_over, comparison.failed) == (3, 1, {"old": 0, "new": 1})


def test_as_many_examples_are_kept_as_are_wanted_each_with_its_quote(comparison: Comparison) -> None:
    kinds = [(example.type, example.kind) for example in comparison.examples]
    assert kinds == [("outcome", "changed")] * 2 + [("adverse_event", "lost")] * 2
    lost: Difference = comparison.examples[-1]
    assert lost.quote == "Dissociation occurred in 8 of 30 patients and resolved"
    assert (lost.old, lost.new, lost.id) == (EVENT, None, "pmid:9900001")
