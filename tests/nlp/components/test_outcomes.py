"""Outcomes of invented abstracts: which endpoint, which direction, for the patient, against what."""

import pytest

from nlp.article import Document
from nlp.components.changes import find_changes
from nlp.components.clause import Clause
from nlp.components.phrases import DrugSpan, noun_phrases, words_of
from nlp.folding import fold


def changes(sentence: str) -> list[tuple[str, str | None]]:
    folded = fold(sentence)
    drugs = [
        DrugSpan(at, at + len(name), name == "ketamine", name)
        for name in ("ketamine", "midazolam", "placebo", "saline")
        if (at := folded.find(name)) >= 0
    ]
    words = words_of(folded, drugs)
    found = find_changes(Clause(folded, words, noun_phrases(words)))
    return [(folded[c.start : c.end], c.direction and c.direction.value) for c in found]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The MADRS score was lower after ketamine than after midazolam.", [("madrs score", "decreased")]),
        ("Ketamine significantly reduced pain scores at 24 h.", [("pain scores", "decreased")]),
        ("Pain scores were significantly reduced by ketamine.", [("pain scores", "decreased")]),
        ("Pain scores decreased after ketamine.", [("pain scores", "decreased")]),
        ("There was a significant reduction in suicidal ideation.", [("suicidal ideation", "decreased")]),
        ("Ketamine improved anhedonia.", [("anhedonia", "decreased")]),
        ("Ketamine improved quality of life.", [("quality of life", "increased")]),
        ("Ketamine impaired working memory.", [("working memory", "decreased")]),
        ("Response rates were higher with ketamine.", [("response rates", "increased")]),
        ("Ketamine led to lower morphine consumption.", [("morphine consumption", "decreased")]),
        ("Recovery time was longer in the ketamine group.", [("recovery time", "increased")]),
        ("Ketamine did not reduce pain intensity.", [("pain intensity", "no_difference")]),
        ("Pain intensity did not differ between groups.", [("pain intensity", "no_difference")]),
        ("Heart rate was similar in both groups.", [("heart rate", "no_difference")]),
        (
            "No significant differences were seen between groups in pain intensity.",
            [("pain intensity", "no_difference")],
        ),
        ("Ketamine had no effect on sleep quality.", [("sleep quality", "no_difference")]),
        (
            "Ketamine reduced depression, anxiety, and anhedonia.",
            [("depression", "decreased"), ("anxiety", "decreased"), ("anhedonia", "decreased")],
        ),
        (
            "Heart rate and blood pressure increased after ketamine.",
            [("heart rate", "increased"), ("blood pressure", "increased")],
        ),
        (
            "Greater improvement in depressive symptoms was seen with ketamine.",
            [("depressive symptoms", "decreased")],
        ),
        ("Sixty patients were enrolled.", []),
    ],
)
def test_change_words_bind_to_their_endpoints(sentence: str, expected: list[tuple[str, str | None]]) -> None:
    assert changes(sentence) == expected


ABSTRACT = (
    "Ketamine or midazolam for low mood: a randomized trial\n"
    "METHODS: Sixty adults were randomized to ketamine 0.5 mg/kg or midazolam. "
    "The MADRS was assessed at 24 hours.\n"
    "RESULTS: {}\n"
    "CONCLUSIONS: {}"
)


def outcomes(results: str, conclusion: str = "Ketamine deserves study.") -> list[dict[str, object]]:
    from nlp.pipeline import load_pipeline, read

    nlp = load_pipeline("rules")
    reading = next(read(nlp, [Document(id="x", text=ABSTRACT.format(results, conclusion))]))
    return [f.model_dump(mode="json") for f in reading.findings if f.type == "outcome"]


def test_an_outcome_has_its_contrast_and_figures() -> None:
    found = outcomes(
        "At 24 hours the MADRS score was lower after ketamine than after midazolam "
        "(-6.8, 95% CI -10.1 to -3.5; p<0.001)."
    )
    assert len(found) == 1
    outcome = found[0]
    assert outcome["anchor_text"] == "MADRS score"
    assert (outcome["direction"], outcome["effect"]) == ("decreased", "improved")
    assert (outcome["comparator"], outcome["timepoint"]) == ("midazolam", "24 hours")
    assert (outcome["ci"], outcome["p_value"]) == ("-10.1 to -3.5", "<0.001")


def test_a_conclusion_that_repeats_a_result_is_no_second_outcome() -> None:
    found = outcomes("Ketamine reduced MADRS scores.", "Ketamine reduces depressive symptoms.")
    assert [o["anchor_text"] for o in found] == ["MADRS scores"]


def test_the_side_of_the_family_member_gives_the_direction() -> None:
    found = outcomes("Pain scores were higher with midazolam than with ketamine.")
    assert [(o["direction"], o["comparator"]) for o in found] == [("decreased", "midazolam")]


def test_methods_are_no_outcomes() -> None:
    assert outcomes("All patients completed the trial.") == []
