"""Every stretch of a sentence that could state a number field of a result, for a model to choose among.

`nlp.components.numbers` finds what rules can trust; here nothing likely is left out, and a figure stands in
each extent in which a curator might write it down (`26`, `26 (46.4%)`, `46.4%`; `day 2`, `day 2 and 28`).
Everything is searched in folded text, which has the length of the original.
"""

import re
from collections.abc import Iterable, Iterator

from nlp.components.numbers import (
    NUMBER,
    WORDS,
    Quantity,
    estimates,
    intervals,
    means,
    p_values,
    pairs,
    percentages,
    rates,
    timepoints,
)

FIELDS = ("p_value", "ci", "value", "comparator_value", "rate", "timepoint")

_SPELT = rf"(?:{WORDS}|thirty|forty|fifty|sixty|seventy|eighty|ninety|none|no|all|both|half)"
_PEOPLE = r"(?:patients?|subjects?|participants?|cases?|events?|individuals?|children|women|animals|rats|infusions?)"
_SIGN = r"(?:[<>≤≥~]{1,2} ?)?"
_SIGNED = rf"(?<![\w.,/])(?:{_SIGN}- ?|{_SIGN}\+?)(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d*\.\d+|\d+)"
_SPREAD = (
    rf"(?: ?(?:±|\+/-|\+-) ?{NUMBER}| ?[(\[](?:sd |se |iqr,? ?)?{NUMBER}(?: ?(?:-|to|,) ?{NUMBER})?[)\]])"
)
_RANGE = rf"(?: ?%)? ?(?:-|to|and) ?{NUMBER}"
_MEASURE = (
    r"(?:%|per ?cent|percent|points?|minutes?|mins?|min|hours?|hrs?|h|days?|weeks?|months?|years?|seconds?|sec|s|"
    r"mm ?hg|mm|cm|ng/ml|pg/ml|ug/ml|ml|mg|ug|ms|bpm|beats(?:/| per )min(?:ute)?|fold|times)"
)
# a figure alone, with a unit, with its spread, as a range, as a share
_VALUES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_SIGNED}(?![\d.,]*\d)",
        rf"{_SIGNED}[ -]?{_MEASURE}(?![a-z])",
        rf"{_SIGNED}{_SPREAD}(?![\d.])",
        rf"{_SIGNED}{_SPREAD}[ -]?{_MEASURE}(?![a-z])",
        rf"{_SIGNED}{_RANGE}(?![\d.])(?: ?{_MEASURE}(?![a-z]))?",
        rf"{_SIGNED}/{NUMBER}(?: ?{_MEASURE}(?![a-z]))?",
        rf"(?<![\w.])(?:\d+|{_SPELT}) ?\(\d[\d.]* ?%\)",
        r"(?<![\w.])\d[\d.]* ?% ?\(\d+(?: ?/ ?| of )\d+\)",
        rf"\b{_SPELT}(?:-{_SPELT})?\b(?: per ?cent)?",
        rf"\b(?:\d+|{_SPELT})(?:-{_SPELT})? (?:\w+ )?{_PEOPLE}\b",
        rf"\b(?:\d+|{_SPELT})(?: out)? of (?:the )?(?:\d+|{_SPELT})\b(?: {_PEOPLE})?",
        r"\d[\d.]* ?% of (?:\w+ )?\w+",
        r"(?<![\w.])\d+ ?/ ?\d+ ?\(\d[\d.]* ?%\)",
        rf"\({NUMBER} ?(?:±|\+/-|\+-) ?{NUMBER}\) ?{_MEASURE}(?![a-z])",
        rf"\b(?:none|all|most|both|{_SPELT})(?: of)?(?: the)? (?:\d+|{_SPELT}|{_PEOPLE})\b",
    )
)
_P_MORE = re.compile(
    r"(?<![a-z])p(?:'s|s)? ?(?:values?|'s)? ?(?P<sign>[<>=≤≥]{1,2}) ?(?P<n>\d*[.,]?\d+)"
    r"(?P<power> ?[x×*] ?10 ?\^?\(? ?-? ?\d+\)?)?"
)
_BRACKETED = re.compile(
    rf"[(\[](?:[^()\[\]]{{0,24}}[:,=] ?|cis?,? ?)?(?P<low>{NUMBER}) ?%? ?(?:to|-|,|;) ?(?P<high>{NUMBER})(?P<sign> ?%)?[)\]]"
)
_CONFIDENT = re.compile(
    rf"confiden\w+ (?:interval|limits?)[^\d]{{0,6}}(?P<low>{NUMBER}) ?%? ?(?:to|-|,|;|and) ?(?P<high>{NUMBER})"
)
_CI_UNIT = re.compile(rf" ?{_MEASURE}(?![a-z])")

_UNIT = r"(?:seconds?|secs?|minutes?|mins?|min|hours?|hrs?|h|days?|d|weeks?|wks?|months?|mo|years?|yrs?)"
_COUNT = rf"(?:\d+(?:\.\d+)?|{WORDS}|thirty|forty|sixty|twenty-four|several)"
_EVENT = (
    r"(?:infusions?|surgery|operation|doses?|treatments?|administrations?|injections?|incision|baseline|delivery|"
    r"randomi[sz]ation|ects?|sessions?|stress|ketamine|esketamine|midazolam|placebo|discharge|anesthesia|anaesthesia|"
    r"induction|extubation|procedure|birth|cesarean|exposure|challenge|initiation|use|test|intubation|recovery)"
)
_SINCE = rf"(?: (?:after|following|post|before|from|of|prior to)(?: (?:the|\w+)){{0,3}}? {_EVENT}\b)"
_NTH = r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|last|final|initial|single|next|same)"
_NAMED = r"(?:post-?operative|post-?partum|post-?treatment|post-?natal|post-?infusion|post-?injection)"
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:first |initial |last )?{_COUNT}[ -]?{_UNIT}\b",
        # the first of a list: `1, 2, and 4 h`
        rf"\b\d+\b(?=(?:(?:,|,? and|-| to|,? or) ?\d+){{1,8}}[ -]?{_UNIT}\b)",
        rf"\b{_NTH}\b(?=(?:,|,? and) {_NTH} )",
        r"\bend[ -]of[ -](?:the )?(?:\w+ )?\w+(?: visit)?\b",
        r"\b(?:over|during|throughout|in) the (?:\w+ )?(?:course of (?:the )?\w+|study|period|treatment|trial)\b",
        r"\b\w+ (?:infusions|treatments|sessions)\b",
        rf"(?:[>≥<~] ?|\b(?:up to |within |approximately |about |at least |over |first |initial |"
        rf"last ){{0,2}})?\b{_COUNT}[ -]{{0,2}}{_UNIT}\b(?:[ -]?(?:later|post-?\w+|follow-?up))?",
        rf"\b(?:up to |within |first )?(?:{_COUNT}|an?)[ -]?{_UNIT}{_SINCE}",
        rf"\b{_COUNT}[ -]{_UNIT} (?:\w+ )?(?:period|phase|follow-?up|post[- ]?\w+)",
        rf"\b(?:{_NAMED} )?(?:pods?|days?|weeks?|hours?|months?|minutes?|times?|visits?|pnd|t)(?: "
        rf"\(\w+\))? ?\d+\b(?:(?:,| and|, and|-| to| or) ?\d+\b)*(?: {_NAMED}|{_SINCE})?",
        rf"\b(?:{_NAMED} )?(?:pods?|days?|weeks?|hours?|months?|minutes?|times?|visits?)(?: \(\w+\))? ?\d+\b",
        rf"\b{_NTH}(?:(?:,| and| to|,? and) {_NTH})*(?: (?:{_NAMED}|{_COUNT}))? (?:days?|weeks?|"
        rf"hours?|months?|{_EVENT})\b{_SINCE}?",
        rf"\b(?:immediately |shortly |directly |right )?(?:after|following|during|before|throughout|"
        rf"across)(?: (?:the|{_COUNT}|\w+)){{0,3}}? {_EVENT}\b",
        rf"\b{_COUNT} (?:\w+ )?(?:infusions|doses|sessions|treatments|injections|ects)\b",
        r"\b(?:\w+[- ]){0,2}phase\b",
        rf"\b(?:the )?end ?-?(?:point)?(?: of (?:the )?(?:\w+ )?(?:treatment|study|infusion|trial|"
        rf"induction|follow-?up|phase|{_EVENT}))?",
        r"\b(?:\w+[- ]){0,2}follow-?up(?: (?:times?|period|visits?|assessments?))?",
        r"\b(?:any|all|each|every|other|both|earlier|later|these)(?: \w+)? (?:time ?-?points?|times|visits?)\b",
        r"\bstudy end\b|\bdischarge\b|\bpost-?operatively\b|\b(?:long|short|medium)[ -]term\b|"
        r"\bimmediately\b|\binduction\b|\bmaintenance\b",
        r"\b(?:post-?operative|post-?infusion|post-?treatment|intra-?operative|acute|post-acute|"
        r"perioperative)(?: period)?\b",
        r"\b(?:overnight|next day|same day|the following (?:day|morning)|within (?:a|one|an) \w+|"
        r"within (?:minutes|hours|days))\b",
    )
)


def candidates(folded: str, field: str) -> list[Quantity]:
    """Give what could state a field of `FIELDS` in a sentence, in reading order, longer ones first.

    >>> [q.text for q in candidates("response was 64% vs 28%, p = 0.02", "value")]
    ['64%', '64', '28%', '28', '0.02']
    """
    found = {(q.start, q.end): q for q in _FINDERS[field](folded)}
    return sorted(found.values(), key=lambda q: (q.start, -q.end))


def _p_values(folded: str) -> Iterator[Quantity]:
    for match in _P_MORE.finditer(folded):
        figure = match["n"] + (match["power"] or "").replace(" ", "")
        yield Quantity("p_value", match.start(), match.end(), match["sign"] + figure)
    taken = {m.start() for m in _P_MORE.finditer(folded)}
    yield from (q for q in p_values(folded) if q.start not in taken)


def _intervals(folded: str) -> Iterator[Quantity]:
    bounds = [(q.start, q.end) for q in intervals(folded)]
    bounds += [(m.start("low"), m.end("high")) for m in _CONFIDENT.finditer(folded)]
    bounds += [(m.start("low"), m.end("high")) for m in _BRACKETED.finditer(folded)]
    for start, end in bounds:
        yield Quantity("ci", start, end, folded[start:end])
        if unit := _CI_UNIT.match(folded, end):
            yield Quantity("ci", start, unit.end(), folded[start : unit.end()])


def _values(folded: str) -> Iterator[Quantity]:
    known: Iterable[Quantity] = (*estimates(folded), *percentages(folded), *rates(folded), *means(folded))
    spans = [(q.start, q.end) for q in (*known, *(q for pair in pairs(folded) for q in pair))]
    spans += [m.span() for pattern in _VALUES for m in pattern.finditer(folded)]
    yield from (Quantity("value", start, end, folded[start:end]) for start, end in spans)


def _timepoints(folded: str) -> Iterator[Quantity]:
    spans = [(q.start, q.end) for q in timepoints(folded)]
    spans += [m.span() for pattern in _TIMES for m in pattern.finditer(folded)]
    yield from (Quantity("timepoint", start, end, folded[start:end]) for start, end in spans)


_FINDERS = {
    "p_value": _p_values,
    "ci": _intervals,
    "value": _values,
    "comparator_value": _values,
    "rate": _values,
    "timepoint": _timepoints,
}
