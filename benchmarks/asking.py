"""What the benchmark of the store asks: every filter by itself, searches, and every question."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlmodel import Session

from store.export import exported
from store.filters import EVERYTHING, FindingQuery
from store.queries import find
from store.questions.claims import claims
from store.questions.registry import QUESTIONS, ask

FILTERS: dict[str, dict[str, Any]] = {
    "none but the defaults": {},
    "no default": dict(EVERYTHING),
    "drug": {"drug": ("arketamine",)},
    "type": {"type": ("adverse_event",)},
    "condition": {"condition": ("bipolar",)},
    "instrument": {"instrument": ("MADRS",)},
    "instrument, rare": {"instrument": ("calgary",)},
    "domain": {"domain": ("suicidality",)},
    "adverse event": {"adverse_event": ("dissoc",)},
    "adverse event, rare": {"adverse_event": ("cystitis",)},
    "adverse event, none": {"adverse_event": ("no such event",)},
    "assertion": {"assertion": ("possible",)},
    "serious": {"serious": True},
    "transient": {"transient": True},
    "direction": {"direction": ("increased",)},
    "effect": {"effect": ("worsened",)},
    "comparator": {"comparator": ("midazolam",)},
    "comparator, not ASCII": {"comparator": ("Å",)},
    "hours": {"hours_min": 25, "hours_max": 72},
    "route": {"route": ("sublingual",)},
    "mg/kg": {"mg_per_kg_min": 0.9, "mg_per_kg_max": 1.1},
    "mg": {"mg_min": 80, "mg_max": 90},
    "design": {"design": ("case_control",)},
    "blinding": {"blinding": ("double_blind",)},
    "species": {"species": ("animal",), "setting": "any"},
    "setting": {"setting": ("pain",)},
    "sample size": {"sample_size_min": 290},
    "year": {"year_min": 1990, "year_max": 1992},
    "status": {"status": ("corrected",)},
    "retracted": {"retracted": "yes"},
    "own result": {"own_result": False},
    "since": {"since": date(2026, 11, 1)},
    "confidence": {"confidence_min": 0.999},
    "flagged": {"flagged": True},
    "flag": {"flag": ("odd",)},
    "attention": {"attention": True},
    "pmid": {"pmid": ("80000007",)},
    "several": {"drug": ("ketamine",), "type": ("outcome",), "effect": ("improved",), "hours_max": 24, "year_min": 2010},
}  # fmt: skip
"""Name → fields of FindingQuery, over the defaults."""

SEARCHES: dict[str, dict[str, Any]] = {
    "a word of every title": {"text": "ketamine"},
    "a word of many abstracts": {"text": "midazolam"},
    "two words": {"text": "madrs midazolam"},
    "a prefix": {"text": "dissoc*"},
    "a dose": {"text": "0.5 mg/kg"},
    "a word of none": {"text": "zzzz"},
    "a word and a filter": {"text": "sublingual", "type": ("dose",), "year_min": 2020},
}


def tasks() -> dict[tuple[str, str], Callable[[Session], object]]:
    """Give (kind, name) → what is done: a page of fifty as the API gives it, or an answer."""
    made: dict[tuple[str, str], Callable[[Session], object]] = {}
    for kind, asked in (("filter", FILTERS), ("search", SEARCHES)):
        for name, fields in asked.items():
            made[kind, name] = _page(FindingQuery.model_validate(fields))
    for name in QUESTIONS:
        made["question", name] = _question(name)
    made["question", "claims"] = claims
    return made


def _page(query: FindingQuery) -> Callable[[Session], object]:
    return lambda session: [exported(item).model_dump_json() for item in find(session, query).items]


def _question(name: str) -> Callable[[Session], object]:
    return lambda session: ask(session, name)
