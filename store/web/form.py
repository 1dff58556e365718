"""Offer a finding's fields for correction, and read the correction back.

The fields and their values are read from the records in nlp.finding, so that a curator can choose
exactly what the extractor can produce, and nothing else is taken. What a curator enters changes the
machine's finding.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Literal, NamedTuple, Union, get_args, get_origin

from nlp.article import Record
from nlp.finding import AdverseEvent, Condition, Dose, Finding, Outcome, StudyProfile
from store.curation.reviewed import FIELDS
from store.curation.studies import FIELDS as STUDY
from store.web.words import name, say

RECORDS: dict[str, type[Dose] | type[AdverseEvent] | type[Outcome]] = {
    "dose": Dose,
    "adverse_event": AdverseEvent,
    "outcome": Outcome,
}

EDITABLE = FIELDS

SHOWN = "shown"
"""The hidden field by which a form says which fields it shows."""

LONGEST = 200
MOST_LINES = 20


class Input(NamedTuple):
    """One field of the form; `choices` are (value, words), empty for free text."""

    field: str
    label: str
    kind: Literal["choice", "tick", "number", "text", "lines"]
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False


def editable(record: Finding | StudyProfile) -> tuple[str, ...]:
    """Name the fields that a curator can correct."""
    return STUDY if isinstance(record, StudyProfile) else EDITABLE[record.type]


def inputs(record: Finding | StudyProfile, entered: Mapping[str, str] | None = None) -> list[Input]:
    """List the fields that a curator can correct, with what they may be and what was entered."""
    drawn = [_input(record, field) for field in editable(record)]
    if entered is None:
        return drawn
    return [item._replace(value=entered.get(item.field, "")) for item in drawn]


def changes(record: Finding | StudyProfile, entered: Mapping[str, str]) -> dict[str, object]:
    """Give the fields that the form showed and whose entered value differs from the record's.

    `entered[SHOWN]` names the fields that were shown, since a browser sends nothing for a tick that is not set;
    without it they are those that were sent. What was not shown is never changed.

    Raises ValueError, with a sentence for the curator, for a value that the extractor could not produce.
    """
    changed: dict[str, object] = {}
    shown = entered[SHOWN].split() if SHOWN in entered else entered.keys()
    for field in editable(record):
        if field not in shown:
            continue
        value = _read(type(record), field, entered.get(field, "").strip())
        held = getattr(record, field)
        if value != (_names(held) if isinstance(held, tuple) else held):
            changed[field] = value
    return changed


def _input(record: Finding | StudyProfile, field: str) -> Input:
    members, base, optional = _kind(type(record), field)
    value = getattr(record, field)
    if base is bool:
        return Input(field, name(field), "tick", "yes" if value else "")
    if get_origin(base) is tuple:
        return Input(field, f"{name(field)}, one a line", "lines", "\n".join(_names(value)))
    written = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    if members:
        blank = (("", "the abstract does not say"),) if optional else ()
        choices = (*blank, *((str(member), say(member)) for member in members))
        return Input(field, name(field), "choice", written, choices, not optional)
    return Input(field, name(field), "number" if base in (int, float) else "text", written, (), not optional)


def _read(record: type[Record], field: str, text: str) -> object:
    members, base, optional = _kind(record, field)
    if base is bool:
        return text == "yes"
    if get_origin(base) is tuple:
        return _lines(field, text)
    if not text:
        if optional:
            return None
        raise ValueError(f"{name(field)}: a value is needed.")
    if members:
        if text not in {str(member) for member in members}:
            raise ValueError(f"{name(field)}: {text[:40]!r} is none of {', '.join(map(str, members))}.")
        return base(text)
    if base is float:
        return _number(field, text)
    if base is int:
        return _count(field, text)
    if len(text) > LONGEST:
        raise ValueError(f"{name(field)}: at most {LONGEST} characters.")
    return text


def _names(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    return tuple(" ".join(condition.text.split()) for condition in conditions)  # each is a line of the form


def _lines(field: str, text: str) -> tuple[str, ...]:
    lines = tuple(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)
    if len(lines) > MOST_LINES or any(len(line) > LONGEST for line in lines):
        raise ValueError(f"{name(field)}: at most {MOST_LINES} lines of {LONGEST} characters.")
    return lines


def _number(field: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name(field)}: {text[:40]!r} is not a number.") from None
    if not 0 <= number < 1e9:
        raise ValueError(f"{name(field)}: a number from 0 up.")
    return number


def _count(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise ValueError(f"{name(field)}: {text[:40]!r} is not a whole number.")
    return int(text)


@cache
def _kind(record: type[Record], field: str) -> tuple[tuple[StrEnum, ...], type, bool]:
    """Give an enumeration's members (or none), the plain type, and whether `None` is allowed."""
    annotation = record.model_fields[field].annotation
    arms = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    base = next(arm for arm in arms if arm is not type(None))
    members = tuple(base) if isinstance(base, type) and issubclass(base, StrEnum) else ()
    return members, base, type(None) in arms
