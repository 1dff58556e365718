"""The indexes of findings, and the columns computed for them: what lists, filters and questions ask decides what each holds."""

from typing import Any

from sqlalchemy import Index, text

from store.status import HIDDEN

LISTED = {
    "sqlite": f"in_scope IS 1 AND status NOT IN {HIDDEN}",
    "postgresql": f"in_scope IS true AND status NOT IN {HIDDEN}",
}
"""What a list shows unless it is asked for more, as the filter writes it (`store.filters`): most indexes are of that alone."""

BY_VALUE = {
    **{name: (name,) for name in ("type", "status", "drug", "assertion", "direction", "effect", "route")},
    **{name: (name,) for name in ("design", "blinding", "sample_size", "year", "confidence")},
    **{"hours": ("timepoint_hours",), "created": ("created_at",)},
    **{"mg_per_kg": ("mg_per_kg_high", "mg_per_kg_low"), "mg": ("mg_high", "mg_low")},
}
"""Filter → the columns that an index of what a list shows begins with."""

BY_WORDS = {
    **{"named": ("named", "type")},
    **{name: (name,) for name in ("about", "comparator", "domain")},
}
"""The same of columns that are looked through for words; of all findings, since claims count what they leave out by them."""

IF_SO = {
    **{name: (name, True) for name in ("serious", "transient", "flagged", "attention")},
    "background": ("own_result", False),
}
"""Filter → a column and its rare value: an index of those findings alone."""

RETRACTED = {"sqlite": "retracted IS 1", "postgresql": "retracted IS true"}

IN_ORDER = ("place", "start", "id", "in_scope", "status", "confidence")
"""What each of these indexes goes on with: the order of a list, and what the defaults ask."""

SCOPE = ("species", "setting", "retracted")
"""What the defaults ask of a study."""

LEFT_OUT_BY = ("own_result", "design", *SCOPE)
"""What else a finding is left out of a question by."""

NARROW = (
    *("type", "drug", "effect", "direction", "route", "assertion", "design", "timepoint_hours", "year"),
    *("sample_size", "blinding", "serious", "transient", "own_result", "flagged", "attention"),
    *("mg_per_kg_low", "mg_per_kg_high", "mg_low", "mg_high", "created_at", "version_id"),
)
"""What else filters ask of a finding in few bytes: a list is walked, and several filters are counted, without opening a row."""

GROUPED = ("type", "in_scope", "domain", "own_result", "status", "design", "species", "setting", "retracted")
"""What a question groups the findings by that it leaves out."""


NAMED = "CASE type {} END".format(
    " ".join(
        f"WHEN '{kind}' THEN substr(anchor, 1, 500) || '\n' || coalesce({what}_name, '') || '\n' || "
        f"coalesce({what}_curie, '')"
        for kind, what in (("adverse_event", "concept"), ("outcome", "instrument"))
    )
)
"""What an adverse event or an outcome is called: its words, its concept's name and its CURIE, a line each.

An outcome's anchor is its endpoint. PostgreSQL's index takes 2,704 bytes.
"""

ABOUT = "coalesce(conditions, '') || '\n' || coalesce(condition_name, '') || '\n' || coalesce(condition_curie, '')"
"""What a finding is about: the conditions of its study, and an outcome's own."""


def of_lists() -> list[Index]:
    """Make an index for each filter, so that a page and its count open only what fits."""
    made = [
        Index("ix_findings_listed", *IN_ORDER, *NARROW, **only(LISTED)),
        Index("ix_findings_place", *IN_ORDER, *NARROW, *SCOPE),
        Index("ix_findings_groups", *GROUPED),
    ]
    for name in ("species", "setting"):
        rest = [column for column in SCOPE if column != name]
        made.append(Index(f"ix_findings_by_{name}", name, *IN_ORDER, "type", *rest))
    for name, columns in BY_VALUE.items():
        rest = [column for column in ("type", *IN_ORDER) if column not in columns]
        made.append(Index(f"ix_findings_by_{name}", *columns, *rest, **only(LISTED)))
    for name, columns in BY_WORDS.items():
        rest = [column for column in ("type", *IN_ORDER, *LEFT_OUT_BY) if column not in columns]
        made.append(Index(f"ix_findings_by_{name}", *columns, *rest))
    for name, (column, value) in IF_SO.items():
        so = {"sqlite": f"{column} IS {int(value)}", "postgresql": f"{column} IS {str(value).lower()}"}
        where = {dialect: f"{listed} AND {so[dialect]}" for dialect, listed in LISTED.items()}
        made.append(Index(f"ix_findings_if_{name}", column, *IN_ORDER, "type", **only(where)))
    return made


def only(conditions: dict[str, str]) -> dict[str, Any]:
    """Give what makes an index hold only the rows of a condition, which each database is told in its own words."""
    return {f"{dialect}_where": text(condition) for dialect, condition in conditions.items()}
