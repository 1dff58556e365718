"""Numbers as results state them: p-values, intervals, rates and estimates, each with its offsets.

Everything is searched in folded text (`nlp.folding.fold`: lower case, one form of dashes, spaces and
points), which has the length of the original, so offsets into it are offsets into the text, and words are
quoted from there.
"""

import re
from functools import lru_cache
from typing import NamedTuple

SENTENCES = 512
"""Sentences whose figures are remembered: rules and tagger ask several times for those of the abstracts read together."""


class Quantity(NamedTuple):
    """A stretch of folded text that states a number: what kind, where, and the figure as folded."""

    kind: str
    start: int
    end: int
    text: str


_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*[.]\d+|\d+(?:,\d{1,2}(?!\d))?)"
NUMBER = rf"[-+]?{_DIGITS}"
WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty"
)
_P = re.compile(
    r"(?<![a-z])p\s*(?:-?\s?values?)?(?:\s*\(?\s*(?:adj(?:usted)?|corr(?:ected)?|fdr|fwe|nominal"
    r"|trend)\.?\s*\)?)?\s*"
    r"(?::|of)?\s*"
    r"(?P<sign>[<>=≤≥]{1,2}|less than(?: or equal to)?|was|were|is)\s*(?:or\s*(?:=|equal to)\s*)?(?:to\s*)?"
    r"(?P<n>\d*[.,]?\d+(?:\s?[x*]\s?10\s?-\s?\d+|e-\d+)?)"
)
_INTERVAL = re.compile(
    r"(?:\d\d(?:\.\d)?\s?%?\s*-?\s*)?"
    r"(?:(?:confidence|credible|credibility) intervals?\s*(?:[\[(]cr?is?[\])])?|\bc\.?i\.?s?\b|\bcri\b)"
    r"\s*(?:=|:|,|;|of|was|from|between)?\s*[\[({]?\s*(?:from\s+|between\s+|=\s*)?"
    rf"(?P<low>{NUMBER})\s?%?\s*(?:to|-|,|;|and|\.\.\.?)\s*(?P<high>{NUMBER})\s?%?"
)
_AFTER_CI = re.compile(
    rf"(?:\bci|confidence interval)[\])]*[\s,:;]*=?\s*{NUMBER}\s*[\[(]\s*(?P<low>{NUMBER})\s*(?:to|-|,"
    rf"|;)\s*(?P<high>{NUMBER})"
)
_PERCENT = re.compile(
    r"(?:[<>≤≥~]\s?)?\d+(?:[.,]\d+)?\s?(?:%|per ?cent\b)(?!\s*-?\s*(?:cr?i\b|confidence|credible|c\.i))"
)
_RATE = re.compile(
    rf"\b(?P<n>\d{{1,5}}|{WORDS})\s?(?:/|(?:out )?of(?: the)?)\s?(?P<of>\d{{1,5}}|{WORDS})\b(?!\s?%)"
)
_EFFECT = re.compile(
    r"\b(?:(?:odds|risk|hazards?|rate) ratios?|relative risks?|(?:standardi[sz]ed |weighted )?mean"
    r" differences?"
    r"|(?:least[- ]squares?|ls) mean (?:treatment )?differences?|(?:treatment|between-group|group)"
    r" differences?"
    r"|effect sizes?|hedges'? ?g|cohen'?s? ?d|nnt|number needed to treat|difference"
    r"|(?:a?or|a?rr|a?hr|smd|wmd|md|lsmd|es|[gd])(?=\s*[=:,\[(]))"
    rf"(?:\s*[\[(][^\])]{{0,40}}[\])])?\s*(?:=|:|,|of|was"
    rf"|were)?\s*(?P<n>{NUMBER})(?![\w/.])(?!\s*%?\s*(?:ci\b|confidence))"
)
_BEFORE_CI = re.compile(
    rf"(?<![\w.,])(?P<n>{NUMBER})(?: (?:days?|h|hours?|min|points?|cm|mm"
    rf"|mg))?\s*[,;(\[]{{1,2}}\s*\d\d(?:\.\d)? ?%\s*-?\s*(?:cr?i\b|confidence)"
)
_MEAN_SD = re.compile(rf"(?P<n>{NUMBER})\s*(?:±|\+/-|\+-)\s*(?P<sd>{_DIGITS})")
_FIGURE = rf"{NUMBER}(?:\s?%)?(?:\s*(?:±|\+/-)\s*{_DIGITS})?"
_PAIR = re.compile(
    rf"(?<![\w.])(?P<a>{_FIGURE})(?:\s*[\[(][^\])]{{0,40}}[\])])?(?:\s[a-z]{{1,12}}(?:/[a-z]+)?)?\s*,?\s*"
    rf"(?:vs?\.?|versus|compared (?:with|to))\s+(?P<b>{_FIGURE})"
)


@lru_cache(maxsize=SENTENCES)
def p_values(text: str) -> tuple[Quantity, ...]:
    """Find p-values; the quantity's text is the sign and the number, `<0.001`."""
    return tuple(
        [
            Quantity("p_value", m.start(), m.end(), _sign(m["sign"]) + m["n"].replace(" ", ""))
            for m in _P.finditer(text)
        ]
    )


def _sign(words: str) -> str:
    if words in ("was", "were", "is"):
        return "="
    return {"<=": "≤", "=<": "≤", ">=": "≥"}.get(words, "<" if words.startswith("less") else words)


@lru_cache(maxsize=SENTENCES)
def intervals(text: str) -> tuple[Quantity, ...]:
    """Find confidence and credible intervals; the quantity's text is from the lower to the upper bound."""
    found: dict[int, Quantity] = {}
    for pattern in (_AFTER_CI, _INTERVAL):
        for m in pattern.finditer(text):
            low, high = m.start("low"), m.end("high")
            found.setdefault(low, Quantity("ci", low, high, text[low:high]))
    return tuple(sorted(found.values(), key=lambda q: q.start))


@lru_cache(maxsize=SENTENCES)
def percentages(text: str) -> tuple[Quantity, ...]:
    """Find percentages as written, `17%`, `12.5 per cent`; the level of an interval is none."""
    return tuple([Quantity("percent", m.start(), m.end(), m.group()) for m in _PERCENT.finditer(text)])


@lru_cache(maxsize=SENTENCES)
def rates(text: str) -> tuple[Quantity, ...]:
    """Find counts out of a total, `8/47`, `8 of 47`, `three of ten`."""
    return tuple([Quantity("rate", m.start(), m.end(), m.group()) for m in _RATE.finditer(text)])


@lru_cache(maxsize=SENTENCES)
def estimates(text: str) -> tuple[Quantity, ...]:
    """Find effect estimates: those named (mean difference, odds ratio, Hedges' g), and those before an interval."""
    found = {
        m.start("n"): Quantity("estimate", m.start("n"), m.end("n"), m["n"])
        for pattern in (_EFFECT, _BEFORE_CI)
        for m in pattern.finditer(text)
    }
    return tuple(sorted(found.values(), key=lambda q: q.start))


@lru_cache(maxsize=SENTENCES)
def means(text: str) -> tuple[Quantity, ...]:
    """Find means with their standard deviation, `12.1 ± 3.4`."""
    return tuple([Quantity("mean", m.start(), m.end(), m.group()) for m in _MEAN_SD.finditer(text)])


@lru_cache(maxsize=SENTENCES)
def pairs(text: str) -> tuple[tuple[Quantity, Quantity], ...]:
    """Find two figures set against each other, `64% vs 28%`, `12.1 ± 3 versus 18.0 ± 2`."""
    return tuple(
        [
            (
                Quantity("value", m.start("a"), m.end("a"), m["a"]),
                Quantity("value", m.start("b"), m.end("b"), m["b"]),
            )
            for m in _PAIR.finditer(text)
        ]
    )
