"""Which noun phrases are endpoints, what more of them means, and which are the same."""

import re
from functools import lru_cache
from typing import NamedTuple

from nlp.finding import Direction, Effect
from nlp.sieve import word_finder
from nlp.vocabulary import read_table


class Endpoint(NamedTuple):
    """Polarity (`-` more is worse, `+` more is better, `0` neither) and domain of an endpoint."""

    polarity: str
    domain: str


_ROWS = read_table("endpoint_words.tsv")
_find_words = word_finder([row["pattern"] for row in _ROWS], after=r"(?![\w])")
_GENERAL = frozenset(("measure", "general"))
_LOSS = re.compile(
    r"\b(?:deficits?|impairments?|dysfunctions?|loss|decline|disturbances?|difficulties|failure"
    r"|interruption|problems?)\b"
)
_WORD = re.compile(r"[a-z0-9µ]+")
_EMPTY = frozenset(
    [
        "score",
        "scores",
        "total",
        "mean",
        "symptom",
        "symptoms",
        "severity",
        "level",
        "levels",
        "rate",
        "rates",
        "scale",
        "rating",
        "ratings",
        "the",
        "of",
        "in",
        "and",
        "a",
        "incidence",
    ]
)


@lru_cache(maxsize=8192)
def classify(phrase: str) -> Endpoint | None:
    """Say what endpoint a folded noun phrase names, None when no word of the table is in it."""
    best: tuple[int, Endpoint] | None = None
    for _, _, index in _find_words(phrase):
        row = _ROWS[index]
        rank = index + (1000 if row["domain"] in _GENERAL else 0)
        if best is None or rank < best[0]:
            best = (rank, Endpoint(row["polarity"], row["domain"]))
    if best is None:
        return None
    endpoint = best[1]
    if endpoint.polarity == "+" and _LOSS.search(phrase):
        return endpoint._replace(polarity="-")
    return endpoint


def direction_of(word: str | None, polarity: str) -> Direction | None:
    """Turn a change word's direction into the endpoint's; `better` and `worse` go by the polarity."""
    if word in ("increased", "decreased", "no_difference"):
        return Direction(word)
    if word == "better":
        return Direction.DECREASED if polarity == "-" else Direction.INCREASED
    if word == "worse":
        return Direction.INCREASED if polarity == "-" else Direction.DECREASED
    return None


def effect_of(direction: Direction | None, polarity: str) -> Effect:
    """Say what a direction of an endpoint means for the patient."""
    if direction is Direction.NO_DIFFERENCE:
        return Effect.NO_DIFFERENCE
    if direction is None or polarity == "0":
        return Effect.UNCLEAR
    good = (direction is Direction.DECREASED) == (polarity == "-")
    return Effect.IMPROVED if good else Effect.WORSENED


def same_words(a: str, b: str) -> bool:
    """Tell whether two folded phrases have the same telling words, or one has the other's."""
    first, second = _telling(a), _telling(b)
    return first == second or bool(first and second and (first <= second or second <= first))


def same_endpoint(a: str, b: str) -> bool:
    """Tell whether two folded phrases name one endpoint: by their telling words, or their domain."""
    if same_words(a, b):
        return True
    one, other = classify(a), classify(b)
    return one is not None and other is not None and one.domain == other.domain and one.domain in _CLINICAL


_CLINICAL = frozenset(
    (
        "suicidality",
        "depression",
        "anxiety",
        "relapse",
        "response",
        "remission",
        "antidepressant",
        "ocd",
        "ptsd",
    )
)


def _telling(phrase: str) -> frozenset[str]:
    return frozenset(w.rstrip("s") for w in _WORD.findall(phrase) if w not in _EMPTY)
