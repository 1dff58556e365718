"""What an endpoint measures: its instrument (scale, test or score) and its domain, by own tables."""

import re
from functools import lru_cache
from typing import NamedTuple

from nlp.finding import Concept
from nlp.folding import fold
from nlp.vocabulary import any_of, read_table

PREFIX = "ketmine.instrument"
"""Of the instruments' CURIEs: no open vocabulary holds these scales with their ranges."""


class Instrument(NamedTuple):
    """A scale: what it measures, the range of its total by its usual scoring, and what a higher score means."""

    code: str
    name: str
    domain: str
    low: float | None
    high: float | None
    higher: str

    @property
    def concept(self) -> Concept:
        """Give its CURIE and name."""
        return Concept(curie=f"{PREFIX}:{self.code}", name=self.name)


def instrument_of(words: str) -> Instrument | None:
    """Give the instrument that an endpoint's words name, the longest name first; None when they name none.

    >>> instrument_of("change in MADRS total score").code
    'MADRS'
    """
    found = _longest(_folded_names(), fold(words))
    cased = _longest(_cased_names(), words)
    best = max(filter(None, (found, cased)), key=lambda m: m.end() - m.start(), default=None)
    return _instruments()[_codes()[_key(best[0])]] if best else None


def domain_of(words: str, instrument: Instrument | None = None) -> str | None:
    """Give the domain that an endpoint is about: its sub-score's, its instrument's, or by its words; None if unknown."""
    folded = fold(words)
    if instrument:
        subscore = next(
            (d for names, d in _subscores().get(instrument.code, ()) if names.search(folded)), None
        )
        return subscore or instrument.domain
    return next((domain for pattern, domain in _patterns() if pattern.search(folded)), None) or None


@lru_cache(maxsize=1)
def _instruments() -> dict[str, Instrument]:
    return {
        row["code"]: Instrument(
            row["code"], row["name"], row["domain"], _number(row["low"]), _number(row["high"]), row["higher"]
        )
        for row in read_table("instruments.tsv")
    }


def _number(text: str) -> float | None:
    return float(text) if text else None


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    names: dict[str, str] = {}
    for row in read_table("instruments.tsv"):
        for alias in [row["name"], *row["aliases"].split("|")]:
            names.setdefault(_key(alias.removeprefix("=")), row["code"])
    return names


def _key(name: str) -> str:
    return re.sub(r"[\s-]+", "", fold(name))


@lru_cache(maxsize=1)
def _folded_names() -> re.Pattern[str]:
    rows = read_table("instruments.tsv")
    names = {
        a for row in rows for a in [row["name"], *row["aliases"].split("|")] if a and not a.startswith("=")
    }
    return re.compile(rf"(?<![\w])(?:{any_of(sorted(fold(name) for name in names))})(?![^\W_])")


@lru_cache(maxsize=1)
def _cased_names() -> re.Pattern[str]:
    rows = read_table("instruments.tsv")
    names = {a[1:] for row in rows for a in row["aliases"].split("|") if a.startswith("=")}
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})(?![\w])"
    )


def _longest(names: re.Pattern[str], text: str) -> re.Match[str] | None:
    return max(names.finditer(text), key=lambda m: m.end() - m.start(), default=None)


@lru_cache(maxsize=1)
def _subscores() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for row in read_table("instrument_subscores.tsv"):
        names = any_of(sorted(fold(alias) for alias in row["aliases"].split("|")))
        found.setdefault(row["code"], []).append((re.compile(rf"(?<!\w)(?:{names})(?!\w)"), row["domain"]))
    return found


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(row["pattern"]), row["domain"]) for row in read_table("endpoint_domains.tsv")]
