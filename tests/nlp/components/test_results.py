"""What one invented sentence states: directions by figures, by arms, by the side of the contrast."""

import time

import pytest

from nlp.article import Document
from nlp.components.figures import is_significant
from nlp.components.phrases import DrugSpan
from nlp.components.results import read_results
from nlp.folding import fold
from nlp.pipeline import load_pipeline, read

NAMES = {"ketamine": True, "midazolam": False, "placebo": False, "propofol": False}


def results(sentence: str) -> list[tuple[str, str | None, str]]:
    folded = fold(sentence)
    drugs = sorted(
        DrugSpan(at, at + len(name), member, name)
        for name, member in NAMES.items()
        if (at := folded.find(name)) >= 0
    )
    return [
        (folded[r.start : r.end], r.direction and r.direction.value, r.effect.value)
        for r in read_results(folded, drugs)
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Anxiety is expected to fall more with ketamine than with placebo.", []),
        ("At baseline, depression scores were higher with ketamine than with placebo.", []),
        ("An association between heart rate and a higher response rate to ketamine was seen.", []),
        (
            "Response rates were 64% with ketamine and 28% with placebo (p=0.006).",
            [("response rates", "increased", "improved")],
        ),
        (
            "Remission rates were 20% with placebo and 45% with ketamine.",
            [("remission rates", "increased", "improved")],
        ),
        (
            "Relapse occurred in 30% with ketamine versus 60% with placebo.",
            [("relapse", "decreased", "improved")],
        ),
        (
            "Response rates were 31% with ketamine and 28% with placebo (p=0.61).",
            [("response rates", "no_difference", "no_difference")],
        ),
        (
            "Patients on ketamine were more likely to achieve remission than those on placebo.",
            [("remission", "increased", "improved")],
        ),
        (
            "The odds ratio for remission was 3.2 (95% CI 1.4 to 7.1) with ketamine.",
            [("remission", "increased", "improved")],
        ),
        (
            "The relative risk was 1.2 (95% CI 0.8 to 1.7) for relapse with ketamine.",
            [("relapse", "no_difference", "no_difference")],
        ),
        (
            "Extubation time was 12 ± 3 with ketamine and 9 ± 2 with propofol.",
            [("extubation time", "increased", "worsened")],
        ),
        ("Of 20 patients, 60% responded to ketamine.", [("responded", None, "improved")]),
        ("Ketamine reduced pain scores (p=0.31).", [("pain scores", "no_difference", "no_difference")]),
        ("Ketamine had a significant effect on anxiety.", [("anxiety", "decreased", "improved")]),
        ("Propofol reduced pain scores.", []),
        ("Pain scores predicted response to ketamine.", []),
        ("Whether ketamine reduces anxiety is unknown.", []),
        ("Heart rate increased after ketamine.", [("heart rate", "increased", "unclear")]),
    ],
)
def test_results(sentence: str, expected: list[tuple[str, str | None, str]]) -> None:
    assert results(sentence) == expected


@pytest.mark.parametrize(
    ("p_value", "significant"),
    [("<0.001", True), ("=.03", True), ("=0.2", False), (">0.05", False), ("≤0.05", True), (">0.01", None)],
)
def test_significance(p_value: str, significant: bool | None) -> None:
    assert is_significant(p_value) is significant


def test_lettered_groups_are_read_as_their_drug() -> None:
    text = (
        "Premedication before surgery\n"
        "METHODS: Eighty children received ketamine (group K) or placebo (group P).\n"
        "RESULTS: Pain scores were higher in group P than in group K."
    )
    reading = next(read(load_pipeline("rules"), [Document(id="x", text=text)]))
    (outcome,) = [f for f in reading.findings if f.type == "outcome"]
    assert outcome.direction == "decreased"
    assert outcome.comparator == "placebo"


@pytest.mark.parametrize(
    "noise", ["nausea, ", "adverse events were ", "pain lower than ", "5% vs 1 ", "((", "group k "]
)
def test_a_wall_of_words_is_answered_soon(noise: str) -> None:
    from nlp.components.adverse_events import read_adverse_events
    from nlp.components.drugs import Vocabulary
    from nlp.components.outcomes import read_outcomes
    from nlp.extensions import Sentence
    from nlp.vocabulary import read_table

    text = ("ketamine reduced pain " + noise * 20_000)[:50_000]
    sentences = [Sentence(0, len(text), None, "results")]
    drugs = Vocabulary(read_table("drugs.tsv")).find(text[:22])
    start = time.process_time()
    assert read_outcomes(text, text, sentences, drugs) == []
    assert read_adverse_events(text, text, sentences, drugs) == []
    assert time.process_time() - start < 5
