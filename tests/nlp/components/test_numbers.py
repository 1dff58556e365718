"""Numbers as results state them; every sentence is invented."""

import pytest

from nlp.components.numbers import (
    estimates,
    intervals,
    means,
    p_values,
    pairs,
    percentages,
    rates,
)
from nlp.folding import fold


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("lower after ketamine (p<0.001)", ["<0.001"]),
        ("lower after ketamine (P = .03)", ["=.03"]),
        ("P value <0.05; P\u2009=\u20090·04", ["<0.05", "=0.04"]),
        ("the p-value was 0.2", ["=0.2"]),
        ("p less than 0.01", ["<0.01"]),
        ("p = 3 x 10-4", ["=3x10-4"]),
        ("all p ≤ .05", ["≤.05"]),
        ("group 3 = controls", []),
        ("in 12 patients", []),
    ],
)
def test_p_values(sentence: str, expected: list[str]) -> None:
    assert [q.text for q in p_values(fold(sentence))] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("(-6.8, 95% CI -10.1 to -3.5; p<0.001)", ["-10.1 to -3.5"]),
        ("OR [95% CI] 0.92 [0.56; 1.51]", ["0.56; 1.51"]),
        ("95% confidence interval [CI] = −5.7, −2.0", ["-5.7, -2.0"]),
        ("(CI 2.7–6.1)", ["2.7-6.1"]),
        ("95 % CI: 1.2‒3.4", ["1.2-3.4"]),
        ("between 2 and 4 weeks", []),
    ],
)
def test_intervals(sentence: str, expected: list[str]) -> None:
    assert [q.text for q in intervals(fold(sentence))] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("17% and 12.5 per cent", ["17%", "12.5 per cent"]),
        ("95% CI 1 to 2", []),
        ("in ≥20% of patients", ["≥20%"]),
    ],
)
def test_percentages(sentence: str, expected: list[str]) -> None:
    assert [q.text for q in percentages(fold(sentence))] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("8/47 patients", ["8/47"]),
        ("8 of 47 patients", ["8 of 47"]),
        ("three of ten", ["three of ten"]),
        ("5 out of 20", ["5 out of 20"]),
        ("nausea in a few", []),
    ],
)
def test_rates(sentence: str, expected: list[str]) -> None:
    assert [q.text for q in rates(fold(sentence))] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("(Hedges' g = 0.9)", ["0.9"]),
        ("odds ratio, 0.14; p < 0.01", ["0.14"]),
        ("SMD = −0.61 [95% CI -1 to 0]", ["-0.61"]),
        ("mean difference was -3.8", ["-3.8"]),
        ("ketamine or 5 mg midazolam", []),
        ("a difference of 20%", ["20"]),
    ],
)
def test_estimates(sentence: str, expected: list[str]) -> None:
    assert [q.text for q in estimates(fold(sentence))] == expected


def test_means_and_pairs() -> None:
    folded = fold("12.1 ± 3.4 vs. 18.0 ± 2.1; 64% versus 28%")
    assert [q.text for q in means(folded)] == ["12.1 ± 3.4", "18.0 ± 2.1"]
    assert [(a.text, b.text) for a, b in pairs(folded)] == [("12.1 ± 3.4", "18.0 ± 2.1"), ("64%", "28%")]


def test_offsets_point_at_the_words_of_the_original() -> None:
    sentence = "Scores fell (−6·8; 95 % CI −10·1 to −3·5; P\u2009<\u20090·001)."
    ci = intervals(fold(sentence))[0]
    assert sentence[ci.start : ci.end] == "−10·1 to −3·5"
