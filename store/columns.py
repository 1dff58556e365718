"""A finding in the exchange format → the typed columns that queries use."""

import re
from typing import Any

Value = dict[str, Any]

_SAME_NAME = [
    "type",
    "drug",
    "section",
    "own_result",
    "confidence",
    "low",
    "high",
    "unit",
    "route",
    "infusion",
    "infusion_minutes",
    "schedule",
    "assertion",
    "comparison",
    "rate",
    "transient",
    "serious",
    "domain",
    "direction",
    "effect",
    "comparator",
    "timepoint",
    "timepoint_hours",
    "value",
    "comparator_value",
    "ci",
    "p_value",
    "unlinked",
]

MG = {"mg": 1.0, "g": 1000.0, "ug": 0.001}
"""Milligrams in one unit of mass; a dose per kilogram, hour or volume is none."""

_P_VALUE = re.compile(r"\s*[pP]?\s*(<=|>=|[<>=≤≥])?\s*(\d*[.,·]?\d+(?:[eE][-−]?\d+)?)\s*$")


def columns(value: Value) -> Value:
    """Give the columns of a finding's value; a column that its type does not have is None."""
    row: Value = {name: value.get(name) for name in _SAME_NAME}
    row["start"], row["end"] = value["anchor"]
    row["quote_start"], row["quote_end"] = value["evidence"]
    row["anchor"], row["quote"] = value["anchor_text"], value["evidence_text"]
    for prefix in ("drug", "concept", "instrument", "condition"):
        concept = value.get("drug_concept" if prefix == "drug" else prefix) or {}
        row[f"{prefix}_curie"], row[f"{prefix}_name"] = concept.get("curie"), concept.get("name")
    row["p_operator"], row["p_number"] = p_parts(value.get("p_value"))
    for end in ("low", "high"):
        row[f"mg_per_kg_{end}"] = milligrams(value.get(end), value.get("unit"), per="kg")
        row[f"mg_{end}"] = milligrams(value.get(end), value.get("unit"), per=None)
    return row


def milligrams(amount: float | None, unit: str | None, *, per: str | None) -> float | None:
    """Give an amount in mg (per=None) or mg/kg (per="kg"); None for rates, concentrations and other units."""
    mass, _, rest = (unit or "").partition("/")
    if amount is None or mass not in MG or rest != (per or ""):
        return None
    return round(amount * MG[mass], 9)


def p_parts(p_value: str | None) -> tuple[str | None, float | None]:
    """Split a p-value as written into its operator (`=` when none is written) and number."""
    match = _P_VALUE.match(p_value or "")
    if match is None:
        return None, None
    operator = {"≤": "<=", "≥": ">="}.get(match[1] or "=", match[1] or "=")
    return operator, float(match[2].replace(",", ".").replace("·", ".").replace("−", "-"))
