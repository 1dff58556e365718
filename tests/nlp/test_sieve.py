"""Expressions behind their letters find what they find alone: every table that uses them, over invented texts."""

import random
import re
from collections.abc import Iterator

import pytest

from nlp.sieve import Expression, Sieve, alternatives, beginnings, required, word_finder
from nlp.vocabulary import read_table


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        (r"\bnct ?\d{6,}", [(" nct",)]),
        (r"randomi[sz]ed", [("randomised", "randomized")]),
        (r"(?:rats?|mice)\b", [("mice ", "rat ", "rats ")]),
        (r"(?:in|out)?patients?", [("patient",)]),
        (r"\b(?:he|she) (?:\w+ )?was\b", [(" he ", " she "), ("was ",)]),
        (r"\d ?%", [("%",)]),
        (r"[2-4] rats", [("2 rats", "3 rats", "4 rats")]),
        (r"(?<!non-)\brats\b-fed", [(" rats-fed",)]),
        (r"(?:ab)+c", [("ab",), ("c",)]),
        (r"(?:\w+ case|a report)", [(" case", "a report")]),
        (r"x\b\.y", [("x.y",)]),
        (r"(?:\w+|mice)", []),
        (r"(?i)rats", []),
        (r"(?i:ra)ts", [("ts",)]),
        (r"(?!mice)\w+", []),
        (r"(?:case |a case report)", [("case ",)]),
    ],
)
def test_what_every_match_holds(pattern: str, clauses: list[tuple[str, ...]]) -> None:
    assert required(pattern) == clauses


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        ("(?:a|b)|c", ["(?:a|b)", "c"]),
        (r"[|]\||[]|]", [r"[|]\|", "[]|]"]),
        (r"\(|a", [r"\(", "a"]),
        ("(?s)a|b", ["(?s)a|b"]),
    ],
)
def test_alternatives_are_parted_at_the_outermost_bar(pattern: str, parts: list[str]) -> None:
    assert alternatives(pattern) == parts


def test_a_sieve_says_what_the_expressions_say() -> None:
    rows = [row for row in read_table("study_cues.tsv") if row["where"] != "words"]
    sieve = Sieve(Expression(row["cue"], row["pattern"], int(row["times"] or 1)) for row in rows)
    matched = 0
    for row in rows:
        alone, times = re.compile(row["pattern"]), int(row["times"] or 1)
        texts = list(_texts(row["pattern"]))
        found = [row["cue"] in sieve(text) for text in texts]
        assert found == [sum(1 for _ in alone.finditer(text)) >= times for text in texts], row["cue"]
        matched += any(found) and not all(found)
    assert matched > 60


@pytest.mark.parametrize(
    "text", ["", "±", "é", "a", "Σ rats", "rats", "érats", "±rats±", "rats\n", "the RATS", "\ud800rats"]
)
def test_the_edges_of_words_are_those_of_the_expression(text: str) -> None:
    patterns = (r"\brats\b", r"\Brats", "é", "±rats", r"^rats$")
    sieve = Sieve(Expression(pattern, pattern) for pattern in patterns)
    assert sieve(text) == {pattern for pattern in patterns if re.search(pattern, text)}


def _texts(pattern: str) -> Iterator[str]:
    """Make texts of the letters that stand in an expression, with more and with less of them."""
    draw = random.Random(pattern)
    words = re.findall(r"[a-z]+[- ]?|\d|[%±?:]", re.sub(r"\\[a-zA-Z]", " ", pattern)) or ["a"]
    for size in (1, 2, 3, 5, 8, 13):
        for _ in range(15):
            yield "".join(draw.choices([*words, " ", " a ", "1", ", "], k=size))


@pytest.mark.parametrize("table", ["adverse_event_phrases.tsv", "endpoint_words.tsv"])
def test_words_are_found_as_by_one_expression(table: str) -> None:
    patterns = [row["pattern"] for row in read_table(table)]
    after = r"(?![\w])(?!-(?!or))"
    one = re.compile(
        r"(?<![\w-])(?:" + "|".join(f"(?P<g{i}>{p})" for i, p in enumerate(patterns)) + ")" + after
    )
    find = word_finder(patterns, after)
    found = 0
    for pattern in patterns:
        for text in _texts(pattern):
            alone = [(m.start(), m.end(), int((m.lastgroup or "")[1:])) for m in one.finditer(text)]
            assert list(find(text)) == alone, text
            found += len(alone)
    assert found > 250


def test_an_expression_that_may_begin_with_anything_is_refused() -> None:
    assert beginnings(r"\w+ pain") is None
    with pytest.raises(ValueError, match="may begin with anything"):
        word_finder([r"pain", r"\w+ pain"])
