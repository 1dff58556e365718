"""Invented findings as a question's function sees them."""

from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from store.questions.evidence import Evidence

Make = Callable[..., Any]
_SHARED: dict[str, Any] = {
    "drug": "ketamine", "confidence": 0.9, "status": "pending", "year": 2020, "design": "randomized_trial",
    "sample_size": 40, "setting": "psychiatric", "unlinked": None, "pmid": "9900001", "anchor": "MADRS",
}  # fmt: skip
_OUTCOME: dict[str, Any] = {
    "type": "outcome", "instrument_curie": "ketmine.instrument:MADRS", "instrument_name": "MADRS", "domain": "depression",
    "condition_name": None, "direction": "decreased", "effect": "improved", "comparator": "placebo", "timepoint": "24 h",
    "timepoint_hours": 24.0, "value": None, "comparator_value": None,
}  # fmt: skip
_EVENT: dict[str, Any] = {
    "type": "adverse_event", "anchor": "nausea", "concept_curie": None, "concept_name": "Nausea", "assertion": "present",
    "comparison": None, "rate": None, "transient": False, "serious": False, "condition_name": None,
}  # fmt: skip
_DOSE: dict[str, Any] = {
    "type": "dose", "anchor": "0.5 mg/kg", "low": 0.5, "high": 0.5, "unit": "mg/kg", "mg_per_kg_low": 0.5,
    "mg_per_kg_high": 0.5, "mg_low": None, "mg_high": None, "route": "intravenous", "infusion": "40 min",
    "infusion_minutes": 40.0, "schedule": None,
}  # fmt: skip


def _maker(kind: dict[str, Any]) -> Make:
    numbers = count(1)

    def make(study: str = "NCT1", **fields: Any) -> Any:
        made = {"id": f"{kind['type']}-{next(numbers)}", "study": study, **_SHARED, **kind, **fields}
        named = made.get("concept_name") or made["anchor"] if made["type"] == "adverse_event" else None
        told = made.get("value") if made["type"] == "outcome" else made.get("rate")
        return SimpleNamespace(**{"event": named, "told": told, **made})

    return make


def seen(*rows: Any, doses: Any = None, conditions: Any = None) -> Evidence:
    """Make what a question's function sees of some rows."""
    return Evidence(
        rows, lambda _: doses or {}, conditions or {}, lambda some, _: {row.id: row for row in some}
    )


@pytest.fixture
def outcome() -> Make:
    """Make an outcome: MADRS lower at 24 hours than under placebo, in a trial of 40."""
    return _maker(_OUTCOME)


@pytest.fixture
def event() -> Make:
    """Make an adverse event: nausea, present."""
    return _maker(_EVENT)


@pytest.fixture
def dose() -> Make:
    """Make a dose: 0.5 mg/kg intravenously over 40 minutes."""
    return _maker(_DOSE)
