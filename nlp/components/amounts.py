"""Amounts of a drug as abstracts write them: single, range, or list sharing a unit; over folded text.

Units come out in the exchange format's spelling: lower case, `u` for micro, `/` for per, `%` for solutions.
"""

import re
from typing import NamedTuple


class Amount(NamedTuple):
    """An amount with its offsets; in a list, those of its number, the last one with the unit."""

    start: int
    end: int
    low: float
    high: float
    unit: str


_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,6}(?:[.,]\d{1,6})?|\.\d{1,6})"
_MASS = (
    r"(?:mg|milligrams?|micrograms?|microg(?:rams?)?|micro[ -]g|mu ?g|mic(?=/)|mcg|ug|u\.?g|nanograms?|ng|grams?|gms?|g"
    r"|mmol|umol|nmol|um|nm|mm|mumol|iu)"
)
_PER = (
    r"(?:dose|pump|spray|kg|kilograms?|hours?|hrs?|hr|h|minutes?|mins?|min|days?|d|ml|l|dl|70 ?kg|m2|week|wk|g|sec"
    r"|s)"
)
# `/kg`, `per kg`, ` kg-1`, `·kg(-1)`, ` x kg^-1`, `/(kg·h)`
_PART = (
    rf"(?:[ -]?(?:/|\bper\b) ?\(? ?{_PER}(?![a-z0-9])(?!-\d)(?: ?[·.*x-] ?{_PER}(?![a-z]))?\)?"
    rf"|[ -]?[·.*x/-]? ?{_PER} ?\^?\(? ?- ?1\)?(?!\d)|[·.](?:kg|h|min)(?![a-z0-9]))"
)
_UNIT = rf"(?P<unit>{_MASS}(?![a-z])(?:{_PART}){{0,3}}|%)(?![a-z0-9])"
_PERCENT_CONFIDENCE = re.compile(r"%? ?(?:ci|confidence|c\.i\.?)")

# numbers and units; whatever joins two numbers decides whether they are a range or a list
_QUANTITY = re.compile(rf"(?<![\w.,^])(?P<number>{_NUMBER})[ -]{{0,2}}{_UNIT}")
# what a number names and does not count: `in group 1, 50 µg`
_LABELLED = re.compile(
    r"(?:\b(?:groups?|arms?|cohorts?|phase|stage|levels?|grade|days?|weeks?|visit|experiment) |\d-)$"
)
# the mean before a deviation: `22.2 ± 2.0 mg`
_MEAN = re.compile(rf"(?<![\w.,])({_NUMBER}) ?(?:±|\+/-) ?$")
_RANGE_WORD = re.compile(r" ?(?:-|to|up to|~) ?$")
_BETWEEN = re.compile(r"\b(?:between|ranging from|range[sd]? (?:of|from)|from) $")
# `0.5 mg/kg of ketamine, titrated to a maximum of 3 mg/kg`; `from 5 mg/h (per 70 kg) to 20 mg/h`
_TITRATED = re.compile(
    r"(?:of [a-z-]+ ?)?,? ?(?:which |and )?(?:was |were )?(?:slowly |gradually )?titrated (?:up )?(?:to|towards?)(?: a)?"
    r"(?: max(?:imum|imal)?(?: dose)?(?: of)?)?"
)
_NOTED_TO = re.compile(r"\([^)]{1,12}\) to")
_LIST_WORD = re.compile(
    r"(?:, ?(?:and|or|then|&)? ?|/| ?;? ?(?:and|or|vs\.?|versus|&|but not) (?:either )?| ?\+ ?|, ?or )$"
)

_MASSES = {
    "milligram": "mg",
    "microgram": "ug",
    "microg": "ug",
    "mcg": "ug",
    "u.g": "ug",
    "mic": "ug",
    "mug": "ug",
    "mu g": "ug",
    "micro g": "ug",
    "micro-g": "ug",
    "nanogram": "ng",
    "gram": "g",
    "gm": "g",
    "mumol": "umol",
}
_PERS = {
    "kilogram": "kg",
    "hour": "h",
    "hr": "h",
    "minute": "min",
    "d": "day",
    "wk": "week",
    "sec": "s",
    "70 kg": "70kg",
}


def normal_unit(text: str) -> str:
    """Write a unit as the exchange format does.

    >>> normal_unit("microg kg(-1) min(-1)")
    'ug/kg/min'
    """
    if text == "%":
        return "%"
    mass = re.match(_MASS, text)
    if mass is None:
        return text
    parts = re.findall(_PER, re.sub(r"\bper\b|[\^()]|- ?1(?!\d)", " ", text[mass.end() :]))
    pers = [_plain(part, _PERS) for part in parts if part != "dose"]
    return "/".join([_plain(mass[0], _MASSES), *pers])


def _plain(word: str, names: dict[str, str]) -> str:
    singular = word.removesuffix("s") if len(word) > 2 else word
    return names.get(word) or names.get(singular, singular)


def number(text: str) -> float:
    """Read a number; a comma before three digits parts thousands, any other comma is a decimal sign.

    >>> number("1,500"), number("0,5"), number(".25")
    (1500.0, 0.5, 0.25)
    """
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", "."))


def find_amounts(folded: str, start: int = 0, end: int | None = None) -> list[Amount]:
    """Give the amounts between two offsets, in reading order."""
    end = len(folded) if end is None else end
    found: list[Amount] = []
    floor = start
    for match in _QUANTITY.finditer(folded, start, end):
        if match["unit"] == "%" and _PERCENT_CONFIDENCE.match(folded, match.end() - 1):
            continue
        value = number(match["number"])
        stop = match.end() - (match["unit"].endswith(")") and "(" not in match["unit"])
        own = Amount(match.start(), stop, value, value, normal_unit(match["unit"]))
        if mean := _MEAN.search(folded, max(floor, own.start - 16), own.start):
            own = own._replace(start=mean.start(), low=number(mean[1]), high=number(mean[1]))
        found.extend(_with_earlier(folded, floor, own, found))
        floor = match.end()
    return found


def _with_earlier(folded: str, floor: int, last: Amount, found: list[Amount]) -> list[Amount]:
    """Give the amount with those before it that share its unit: a list, or the low end of a range."""
    earlier: list[Amount] = []
    begin = last.start
    joined = _range(folded, floor, last)
    if joined is None and found and _same_unit_range(folded, found[-1], last):
        first = found.pop()
        joined = first._replace(end=last.end, high=last.high, unit=last.unit)
    if joined is not None:
        if joined.low > joined.high:
            return [last]
        last, begin = joined, joined.start
    while listed := _listed(folded, floor, begin, last.unit):
        earlier.insert(0, listed)
        begin = listed.start
    return [*earlier, last]


def _range(folded: str, floor: int, last: Amount) -> Amount | None:
    window = max(floor, last.start - 24)
    joiner = _RANGE_WORD.search(folded, window, last.start)
    between = None if joiner else re.search(r" and $", folded[window : last.start])
    stop = joiner.start() if joiner else window + between.start() if between else None
    if stop is None:
        return None
    bare = _bare_number(folded, max(floor, stop - 12), stop)
    if bare is None or (between and not _BETWEEN.search(folded, max(0, bare[0] - 16), bare[0])):
        return None
    return last._replace(start=bare[0], low=bare[1])


def _same_unit_range(folded: str, first: Amount, last: Amount) -> bool:
    """Say whether two amounts with units are one range: `5 mg to 10 mg`, `between 5 mg and 10 mg`."""
    if first.low != first.high or last.start - first.end > 50 or first.low >= last.low:
        return False
    if first.unit != last.unit and not last.unit.startswith(first.unit + "/"):
        return False
    joiner = folded[first.end : last.start].strip()
    if _TITRATED.fullmatch(joiner) or (
        _NOTED_TO.fullmatch(joiner) and _BETWEEN.search(folded, max(0, first.start - 16), first.start)
    ):
        return True
    if joiner in ("-", "to"):
        return True
    return joiner == "and" and bool(_BETWEEN.search(folded, max(0, first.start - 16), first.start))


def _listed(folded: str, floor: int, begin: int, unit: str) -> Amount | None:
    joiner = _LIST_WORD.search(folded, max(floor, begin - 14), begin)
    if joiner is None:
        return None
    stop = joiner.start()
    bare = _bare_number(folded, max(floor, stop - 12), stop - (folded[stop - 1 : stop] == "-"))
    if bare is None or unit == "%":
        return None
    window = max(floor, bare[0] - 12)
    low = bare
    if ranged := re.search(r" ?(?:-|to) ?$", folded[window : bare[0]]):
        before = _bare_number(folded, window, window + ranged.start())
        low = before if before and before[1] < bare[1] else low
    return Amount(low[0], bare[0] + bare[2], low[1], bare[1], unit)


def _bare_number(folded: str, start: int, stop: int) -> tuple[int, float, int] | None:
    """Give start, value and length of the number that ends at `stop`."""
    match = re.search(rf"(?<![\w.,^±]){_NUMBER}$", folded[start:stop])
    if match is None or (start + match.start() > 0 and folded[start + match.start() - 1] in "=<>≤≥±"):
        return None
    if _LABELLED.search(folded, max(0, start + match.start() - 12), start + match.start()):
        return None
    return start + match.start(), number(match[0]), len(match[0])
