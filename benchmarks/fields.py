"""How often each further field of a finding is right, by type, by the scorer of the annotated sets.

A field counts where the annotation or the finding states it, of the findings that are found.
"""

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlp.finding import Reading
from store.pooling import wilson

FIELDS = {
    "dose": ("route", "infusion", "schedule"),
    "adverse_event": ("rate", "comparison", "transient", "serious"),
    "outcome": ("effect", "comparator", "timepoint", "value", "comparator_value", "ci", "p_value"),
}
"""Type → the fields beside its core."""

Counts = dict[tuple[str, str], tuple[int, int]]
"""(type, field) → how often it is right, of how many."""


def scorer(path: Path) -> Any:
    """Load the scorer of the annotated sets, a program of one file."""
    plan = importlib.util.spec_from_file_location("scorer", path)
    if plan is None or plan.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(plan)
    plan.loader.exec_module(module)
    return module


def count(read: Iterable[tuple[Mapping[str, Any], Reading]], kinds: Sequence[str], score: Any) -> Counts:
    """Count the fields of some types over abstracts, each with its reading."""
    counts: Counts = {(kind, field): (0, 0) for kind in kinds for field in FIELDS[kind]}
    for record, reading in read:
        scored, _ = score.count(record, reading.model_dump(mode="json"))
        for kind, field in counts:
            equal, of = scored[kind].get(field, (0, 0))
            counts[kind, field] = (counts[kind, field][0] + equal, counts[kind, field][1] + of)
    return counts


def table(counts: Counts) -> str:
    """Give the counts in Markdown."""
    rows = ["| type | field | right | of | share [95 %] |", "|---|---|---|---|---|"]
    for (kind, field), (equal, of) in counts.items():
        share = wilson(equal, of) if of else None
        told = f"{share.value:.3f} [{share.low:.3f}, {share.high:.3f}]" if share else "–"
        rows.append(f"| {kind.replace('_', ' ')} | {field.replace('_', ' ')} | {equal} | {of} | {told} |")
    return "\n".join(rows)
