"""Units and times as abstracts write them → UCUM codes, hours and minutes; None where they do not say exactly one."""

import re

from nlp.folding import fold

_UCUM = {"day": "d", "ml": "mL", "dl": "dL", "l": "L", "iu": "[iU]", "mcg": "ug", "min": "min", "h": "h"}
_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "wk": 168.0, "mo": 730.5, "a": 8766.0}
"""Hours of a unit; a month is a twelfth of a year of 365.25 days."""

_UNITS = (
    (r"s(?:ec(?:ond)?s?)?", "s"),
    (r"m(?:in(?:ute)?s?)", "min"),
    (r"h(?:(?:ou)?rs?)?", "h"),
    (r"d(?:ays?)?", "d"),
    (r"w(?:ee)?ks?", "wk"),
    (r"mo(?:nth)?s?", "mo"),
    (r"y(?:ea)?rs?", "a"),
)
_UNIT = "|".join(f"(?P<u{i}>{pattern})" for i, (pattern, _) in enumerate(_UNITS))
_TENS = {
    "ten": 10,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "ninety": 90,
}
_ONES = dict(
    zip(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], range(1, 10), strict=True)
)
_OTHERS = {
    "eleven": 11,
    "twelve": 12,
    "fourteen": 14,
    "fifteen": 15,
    "eighteen": 18,
    "a": 1,
    "an": 1,
    "half": 0.5,
}
_ORDINALS = dict(
    zip(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
        range(1, 11),
        strict=True,
    )
)
_WORDS = _TENS | _ONES | _OTHERS | _ORDINALS
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})[ -]({'|'.join(_ONES)})\b")
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b(?=[ -](?:of an? )?(?:{'|'.join(p for p, _ in _UNITS)}|post))")
_SEVERAL = re.compile(
    r"\d(?:st|nd|rd|th)? ?(?:-|to|and|or|,|/|&|versus|vs\.?|through) ?\d|[<>≥≤]|\b(?:more|less|greater|later) than"
    rf"|\b(?:{'|'.join(_ORDINALS)}|immediately)\b[^,;]*\b(?:and|to|or) (?:{'|'.join(_ORDINALS)}|\d)"
)
_AMOUNT = re.compile(
    rf"(?<![\w.])(?P<n>\d+(?:\.\d+)?)(?:st|nd|rd|th)?[ -]?(?:post-?\w+[ -])?(?:{_UNIT})(?![a-z])"
)
_NUMBERED = re.compile(
    r"\b(?:(?P<day>(?:post-?(?:op(?:erative)?|infusion|partum|dose|treatment)? ?)?(?:days?|d)|pod)|(?P<week>weeks?)"
    r"|(?P<month>months?)|(?P<hour>hours?)|(?P<minute>minutes?)) ?(?:\(pod\) ?)?(?P<n>\d+)(?:th)?\b"
)
_NEXT_DAY = re.compile(r"\b(?:next|following) day\b|\bday after\b")
_NAMED = {"day": "d", "week": "wk", "month": "mo", "hour": "h", "minute": "min"}


def ucum(unit: str) -> str:
    """Give the case-sensitive UCUM code of a unit as doses have it.

    >>> ucum("ug/kg/min"), ucum("ng/ml"), ucum("mg/day"), ucum("mg/h/70kg")
    ('ug/kg/min', 'ng/mL', 'mg/d', 'mg/h/(70.kg)')
    """
    parts = []
    for part in unit.split("/"):
        weight = re.fullmatch(r"(\d+) ?kg", part)
        parts.append(f"({weight[1]}.kg)" if weight else _UCUM.get(part, part))
    return "/".join(parts)


def hours(text: str) -> float | None:
    """Give the hours that a time stands for: `24 h`, `day 7`, `two weeks`; None for several, a bound, or an occasion.

    A numbered day is that many days (`day 1` is 24 hours), a month a twelfth of a year.
    """
    words = fold(text)
    if _SEVERAL.search(words):
        return None
    words = _COMPOUND.sub(lambda m: str(_TENS[m[1]] + _ONES[m[2]]), words)
    words = (
        _WORD.sub(lambda m: str(_WORDS[m[1]]), words).replace("0.5 of a ", "0.5 ").replace("0.5 an ", "0.5 ")
    )
    if _SEVERAL.search(words):
        return None
    found = [float(m["n"]) * _HOURS[_unit(m)] for m in _AMOUNT.finditer(words)]
    found += [float(m["n"]) * _HOURS[_name(m)] for m in _NUMBERED.finditer(words)]
    if not found and _NEXT_DAY.search(words):
        return _HOURS["d"]
    return round(found[0], 4) if len(set(found)) == 1 else None


def minutes(text: str) -> float | None:
    """Give the minutes that a length of time stands for, as `hours` does."""
    found = hours(text)
    return round(found * 60, 2) if found is not None else None


def _unit(match: re.Match[str]) -> str:
    return next(code for i, (_, code) in enumerate(_UNITS) if match[f"u{i}"])


def _name(match: re.Match[str]) -> str:
    return next(code for name, code in _NAMED.items() if match[name])
