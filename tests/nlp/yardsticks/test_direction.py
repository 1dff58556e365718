"""Directions of given outcomes in given sentences, on invented ones."""

import json
from pathlib import Path

import pytest
from spacy.language import Language

from nlp.errors import PipelineError
from nlp.yardsticks import measure
from nlp.yardsticks.direction import f1, macro_f1, place_of


def test_the_development_split_alone_is_measured(
    tmp_path: Path, default: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlp.yardsticks.direction.load_pipeline", lambda name: default)
    sentences = [
        (
            "dev",
            "Pain scores",
            "Pain scores were significantly lower with the drug than with placebo.",
            "decreased",
        ),
        ("dev", "rate of nausea", "Nausea did not differ between the groups (p=0.7).", "no_difference"),
        ("train", "Pain scores", "Pain scores rose.", "increased"),
    ]
    names = ("split", "outcome", "evidence", "direction")
    path = tmp_path / "directions.jsonl"
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in sentences))
    found = measure("evidence-inference", path, "findings")
    assert (found["rows"], found["rows_in_own_words"]) == (2, 1)
    assert found["accuracy"] == found["decreased_f1"] == found["no_difference_f1"] == 1.0


def test_a_pipeline_without_a_tagger_reads_no_direction(
    tmp_path: Path, rules: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlp.yardsticks.direction.load_pipeline", lambda name: rules)
    with pytest.raises(PipelineError, match="use findings"):
        measure("evidence-inference", tmp_path / "x", "rules")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("PAIN SCORES", "pain scores"),
        ("median pain scores at 6 h", "pain scores"),
        ("sedation", "sed"),
        ("weight", None),
    ],
)
def test_an_outcome_is_found_in_other_words(outcome: str, words: str | None) -> None:
    sentence = "Median pain scores and time to sedation rose."
    place = place_of(sentence, outcome)
    assert (place is None) == (words is None)
    assert words is None or words in sentence[slice(*place)].lower()


def test_the_mean_of_the_directions_weighs_rare_ones_alike() -> None:
    pairs = [("increased", "increased")] * 8 + [("decreased", "increased")] * 2
    assert round(f1(pairs, "increased"), 4) == 0.8889
    assert macro_f1(pairs) == round((8 / 9) / 3, 4)
