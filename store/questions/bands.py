"""The bands that times, doses and comparators are put into, so that studies can be counted together."""

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Final

Bands = tuple[tuple[float, str], ...]

TIMES: Final[Bands] = (
    (4, "within 4 h"),
    (24, "4–24 h"),
    (72, "1–3 days"),
    (168, "3–7 days"),
    (336, "1–2 weeks"),
    (730.5, "2 wk–1 month"),
    (2191.5, "1–3 months"),
    (4383, "3–6 months"),
    (8766, "6–12 months"),
    (inf, "over a year"),
)
"""Hours since the dose, upper end included; a month is a twelfth of 365.25 days."""

MG_PER_KG: Final[Bands] = (
    (0.1999, "below 0.2"),
    (0.3999, "0.2 to below 0.4"),
    (0.6, "0.4–0.6"),
    (1, "over 0.6 to 1"),
    (inf, "over 1"),
)
"""Milligrams a kilogram; 0.5 mg/kg, the dose of most trials, stands in the middle of its band."""

MG: Final[Bands] = (
    (28, "up to 28"),
    (56, "over 28 to 56"),
    (84, "over 56 to 84"),
    (150, "over 84 to 150"),
    (inf, "over 150"),
)
"""Milligrams a dose; the upper ends are those of the nasal spray, and beyond them oral doses."""


def band(bands: Bands, value: float | None) -> str | None:
    """Give the band of a value; None of none."""
    if value is not None:
        for upper, words in bands:  # a generator would cost more than all the comparisons
            if value <= upper:
                return words
    return None


def one_band(bands: Bands, low: float | None, high: float | None) -> str | None:
    """Give the band that holds a whole range; None where the range lies across several."""
    first, last = band(bands, low), band(bands, high)
    return first if first == last else None


def in_order(bands: Bands, found: Iterable[str]) -> tuple[str, ...]:
    """Sort bands as they stand in their table."""
    held = set(found)
    return tuple(words for _, words in bands if words in held)


@lru_cache(maxsize=16_384)
def comparator(words: str | None, drug: str) -> str:
    """Name what a drug was compared with: a row of comparators.tsv, `other`, or `not stated`.

    >>> comparator("normal saline", "ketamine"), comparator("baseline", "ketamine"), comparator(None, "ketamine")
    ('placebo', 'before treatment', 'not stated')
    """
    if not words:
        return "not stated"
    name = next((name for name, pattern in _comparators() if pattern.search(words)), "other")
    return "another regimen of it" if name == drug else name


@lru_cache(maxsize=1)
def _comparators() -> tuple[tuple[str, re.Pattern[str]], ...]:
    with (Path(__file__).parent / "comparators.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t")
        return tuple((row["name"], re.compile(row["pattern"], re.IGNORECASE)) for row in rows)
