"""Read a filter from an address, and write it back as a form, as removable chips and as links.

Everything is taken from FindingQuery's own fields: a filter that the store learns shows up here by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from urllib.parse import urlencode

from pydantic import ValidationError

from store.filters import DEFAULTS, FindingQuery, Thresholds, defaults_on
from store.web.problems import Problem
from store.web.words import name, say

PAGING = ("cursor", "limit")
Pairs = Sequence[tuple[str, str]]


class Kind(NamedTuple):
    """What a filter takes: several values or one, the values allowed (empty: any), and their plain type."""

    many: bool
    allowed: tuple[str, ...]
    base: type


def kind_of(field: str) -> Kind:
    """Read from FindingQuery what a filter takes."""
    kind = _kind(FindingQuery.model_fields[field].annotation)
    lifts = field in DEFAULTS and "any" not in kind.allowed
    return kind._replace(allowed=(*kind.allowed, "any")) if lifts else kind


def _kind(annotation: Any) -> Kind:
    origin, arms = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _kind(next(arm for arm in arms if arm is not type(None)))
    if origin is Annotated:
        return _kind(arms[0])
    if origin in (tuple, list, frozenset, set):
        return _kind(arms[0])._replace(many=True)
    if origin is Literal:
        return Kind(False, tuple(map(str, arms)), str)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return Kind(False, tuple(annotation), str)
    if annotation is bool:
        return Kind(False, ("true", "false"), bool)
    return Kind(False, (), annotation if isinstance(annotation, type) else str)


def read_query(pairs: Pairs) -> FindingQuery:
    """Build the filter from an address's parameters; empty ones are left out.

    Raises Problem 422 that names what is allowed, for an unknown filter or value.
    """
    given = [(field, value.strip()) for field, value in pairs if field not in PAGING and value.strip()]
    unknown = sorted({field for field, _ in given} - set(FindingQuery.model_fields))
    if unknown:
        allowed = sorted(FindingQuery.model_fields)
        sentence = f"There is no filter {unknown[0][:60]!r}. The filters are: {', '.join(allowed)}."
        raise Problem(422, sentence, allowed=allowed)
    values: dict[str, Any] = {}
    for field, value in given:
        if kind_of(field).many:
            values.setdefault(field, []).append(value)
        else:
            values[field] = value
    try:
        return FindingQuery.model_validate(values)
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> Problem:
    sentences, details = [], []
    for item in error.errors(include_url=False, include_context=False):
        field = str(item["loc"][0]) if item["loc"] else ""
        allowed = list(kind_of(field).allowed) if field in FindingQuery.model_fields else []
        given = str(item["input"])[:60]
        reason = f"one of {', '.join(allowed)}" if allowed else item["msg"]
        sentences.append(f"{name(field) if field else 'Filter'}: {given!r} does not fit: {reason}.")
        details.append({"field": field, "input": given, "message": item["msg"], "allowed": allowed})
    return Problem(422, *sentences, errors=details)


def limit_of(pairs: Pairs, default: int = 50, most: int = 200) -> int:
    """Read how many rows are asked for."""
    text = dict(pairs).get("limit", "") or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise Problem(422, f"limit: {text[:20]!r} does not fit: a number from 1 to {most}.")
    return int(text)


def address(path: str, pairs: Iterable[tuple[str, str]], **more: str) -> str:
    """Write an address with a filter; `more` replaces what `pairs` say."""
    kept = [(field, value) for field, value in pairs if value and field not in more]
    query = urlencode([*kept, *((field, value) for field, value in more.items() if value)])
    return f"{path}?{query}" if query else path


class Chip(NamedTuple):
    """A filter in force, in words, and the address without it."""

    words: str
    without: str
    kind: str = ""


def chips(path: str, pairs: Pairs, accept_at: Thresholds) -> list[Chip]:
    """List the filters that an address sets, each with the address that lifts it."""
    given = [(field, value) for field, value in pairs if field not in PAGING and value.strip()]
    out = []
    for at, (field, value) in enumerate(given):
        rest = [pair for position, pair in enumerate(given) if position != at]
        out.append(Chip(f"{name(field)}: {say_filter(field, value)}", address(path, rest)))
    set_ = {field for field, _ in given}
    for field, words in defaults_on(FindingQuery(), accept_at).items():
        if field not in set_:
            out.append(Chip(words, address(path, [*given, (field, "any")]), "default"))
    return out


def say_filter(field: str, value: str) -> str:
    """Say a filter's value."""
    if kind_of(field).base is bool:
        return {"true": "yes", "false": "no"}.get(value.lower(), value)
    return say(value) if kind_of(field).allowed else value


class Bound(NamedTuple):
    """One end of a range."""

    name: str
    value: str
    words: str


class Field(NamedTuple):
    """One filter of the form; choices are (value, words, count)."""

    name: str
    words: str
    kind: Literal["choice", "range", "text"]
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str, int | None], ...] = ()
    blank: str = "any"
    bounds: tuple[Bound, ...] = ()


class Group(NamedTuple):
    """Filters that belong together; without words, they are always in sight."""

    words: str
    fields: tuple[Field, ...]
    used: bool


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("text", "type", "drug", "adverse_event", "condition", "instrument", "direction", "status")),
    ("Dose", ("route", "mg_per_kg", "mg")),
    (
        "Result",
        ("effect", "comparator", "domain", "hours", "timepoint_hours", "assertion", "serious", "transient"),
    ),
    ("Study", ("design", "species", "setting", "blinding", "sample_size", "year", "pmid", "retracted")),
    ("Trust", ("confidence", "lane", "flagged", "flag", "attention", "own_result", "since")),
)
"""Which filter stands where; those that the store knows and this table does not come last."""

BLANK = {
    "status": "all but rejected",
    "retracted": "left out",
    "species": "people",
    "setting": "psychiatric",
    "lane": "accepted or sure enough",
}
"""What a choice says when nothing is chosen, where that is not `any`."""

Facets = Mapping[str, Sequence[tuple[str, int]]]


def groups(pairs: Pairs, facets: Facets) -> list[Group]:
    """Draw the form: each filter with the values that occur, and what is set."""
    left = {_stem(field): None for field in FindingQuery.model_fields if field not in PAGING}
    out = []
    for words, stems in (*GROUPS, ("More", None)):
        wanted = [stem for stem in (stems if stems is not None else list(left)) if stem in left]
        fields = tuple(_field(stem, pairs, facets) for stem in wanted)
        for stem in wanted:
            del left[stem]
        used = any(field.values or any(bound.value for bound in field.bounds) for field in fields)
        if fields:
            out.append(Group(words, fields, used))
    return out


def _stem(field: str) -> str:
    for end in ("_min", "_max"):
        if field.endswith(end):
            return field.removesuffix(end)
    return field


def _field(stem: str, pairs: Pairs, facets: Facets) -> Field:
    if stem not in FindingQuery.model_fields:
        given = dict(pairs)
        bounds = tuple(
            Bound(field, given.get(field, ""), words)
            for field, words in ((f"{stem}_min", "from"), (f"{stem}_max", "to"))
            if field in FindingQuery.model_fields
        )
        return Field(stem, name(stem), "range", bounds=bounds)
    values = tuple(value for field, value in pairs if field == stem and value)
    kind = kind_of(stem)
    counted = dict(facets.get(stem, ()))
    if kind.base is bool:
        choices: tuple[tuple[str, str, int | None], ...] = (("true", "yes", None), ("false", "no", None))
        return Field(stem, name(stem), "choice", values, choices)
    if kind.allowed:
        shown = [v for v in kind.allowed if v in counted or v in values or v == "any" or not counted]
        choices = tuple((value, say(value), counted.get(value)) for value in shown)
        return Field(stem, name(stem), "choice", values, choices, BLANK.get(stem, "any"))
    choices = tuple((value, value, count) for value, count in counted.items())
    return Field(stem, name(stem), "text", values, choices)
