"""Expressions behind their letters find what they find alone: every table that uses them, over invented texts."""

import random
import re
from collections.abc import Iterator

import pytest

from nlp.sieve import alternatives, beginnings, required, sieve, word_finder
from nlp.vocabulary import read_table


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        (r"\bnct ?\d{6,}", ("nct",)),
        (r"randomi[sz]ed", ("randomi",)),
        (r"(?:rats?|mice)\b", ("rat", "mice")),
        (r"(?:in|out)?patients?", ("patient",)),
        (r"(?:aged)? \d", (" ",)),
        (r"\d ?%", ("%",)),
        (r"(?:\w+|mice)", ()),
        (r"(?i)rats", ()),
        (r"(?!mice)\w+", ()),
        (r"(?:case |a case report)", ("case ",)),
    ],
)
def test_what_every_match_holds(pattern: str, letters: tuple[str, ...]) -> None:
    assert required(pattern) == letters


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


def test_a_sieve_says_what_the_expression_says() -> None:
    matched = 0
    for row in read_table("study_cues.tsv"):
        alone, behind = re.compile(row["pattern"]).search, sieve(row["pattern"])
        texts = list(_texts(row["pattern"]))
        found = [behind(text) for text in texts]
        assert found == [bool(alone(text)) for text in texts], row["cue"]
        matched += any(found) and not all(found)
    assert matched > 60


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
