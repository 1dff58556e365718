"""What the OpenAPI document says beyond the types: the filter's parameters, with examples, and how a problem looks."""

from functools import cache
from typing import Any, Final

from nlp.article import Record
from store.filters import FindingQuery
from store.web.filters import kind_of

EXAMPLES: Final[dict[str, Any]] = {
    "text": "suicid* midazolam",
    "pmid": ["99000101"],
    "type": ["outcome"],
    "drug": ["esketamine"],
    "condition": ["bipolar"],
    "instrument": ["MADRS"],
    "domain": ["suicidality"],
    "adverse_event": ["dissociat"],
    "assertion": ["present"],
    "direction": ["decreased"],
    "effect": ["improved"],
    "comparator": ["midazolam"],
    "hours_max": 24,
    "route": ["intranasal"],
    "mg_per_kg_min": 0.4,
    "mg_per_kg_max": 0.6,
    "design": ["randomized_trial"],
    "species": ["any"],
    "setting": ["any"],
    "sample_size_min": 50,
    "year_min": 2015,
    "since": "2026-11-01",
    "confidence_min": 0.8,
    "flag": ["implausible_dose"],
}
"""Filter → a value of it that means something."""


class ProblemRecord(Record):
    """A problem (RFC 9457): `detail` says what is wrong and what to do; of a refused value, `errors` names the allowed ones."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    allowed: tuple[str, ...] | None = None
    errors: tuple[dict[str, Any], ...] | None = None


_PROBLEM: Final = {
    "type": "about:blank",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "Drug: 'aspirin' does not fit: one of ketamine, esketamine, arketamine, norketamine, hydroxynorketamine.",
    "instance": "/api/v1/findings",
    "errors": [{"field": "drug", "input": "aspirin", "message": "…", "allowed": ["ketamine", "esketamine"]}],
}

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": words,
        "content": {
            "application/problem+json": {"schema": ProblemRecord.model_json_schema(), "example": _PROBLEM}
        },
    }
    for status, words in (
        (401, "Log in, or send a token: reading is open on loopback alone."),
        (403, "The person or the token may not do this."),
        (404, "There is no such thing."),
        (422, "A parameter is unknown or does not fit; the allowed ones are named."),
        (503, "The database is locked or gone, or the query took too long and was stopped."),
    )
}
"""The answers of every address that are no success."""

WRITE_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = PROBLEMS | {
    409: PROBLEMS[404] | {"description": "Someone else changed it meanwhile: read it again, then decide."},
    413: {"description": "The request carries more than 64 KiB.", "content": {"text/plain": {}}},
}
"""The same of the addresses that change something."""

PAGING: Final = (
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        "description": "How many a page holds.",
    },
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Where a page ended: the `next` of its answer holds it.",
    },
)


def filters(*paging: dict[str, Any]) -> dict[str, Any]:
    """Describe the filter's fields for a route's `openapi_extra`, from the filter itself."""
    return {"parameters": [*_fields(), *paging]}


@cache  # six routes take the filter
def _fields() -> tuple[dict[str, Any], ...]:
    fields = FindingQuery.model_json_schema()["properties"]
    return tuple(_parameter(field, schema) for field, schema in fields.items())


def _parameter(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    kind = kind_of(field)
    plain = _plain(schema)
    if kind.allowed and kind.base is str:
        plain = {"type": "string", "enum": list(kind.allowed)}
    described: dict[str, Any] = {
        "name": field,
        "in": "query",
        "schema": {"type": "array", "items": plain} if kind.many else plain,
    }
    if kind.many:
        described["description"] = "Several are given by repeating it: any of them fits."
    return described | ({"example": EXAMPLES[field]} if field in EXAMPLES else {})


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the schema of one value: without null, without the array around it."""
    for arm in schema.get("anyOf", ()):
        if arm.get("type") != "null":
            return _plain(arm)
    if schema.get("type") == "array":
        return _plain(schema["items"])
    return {
        key: value for key, value in schema.items() if key not in ("default", "title", "$ref", "description")
    }
