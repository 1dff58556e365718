"""Shared terms of what a curator writes, by the reader's own functions: the number of a time, the code of a unit, concepts."""

from collections.abc import Callable, Collection
from typing import Any, Final

from nlp.concepts import drug_concept, link
from nlp.finding import AdverseEvent, Concept, Finding, Outcome
from nlp.instruments import domain_of, instrument_of
from nlp.quantities import hours, minutes, ucum

DERIVED: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "drug": ("drug_concept", drug_concept),
    "unit": ("ucum", ucum),
    "infusion": ("infusion_minutes", minutes),
    "timepoint": ("timepoint_hours", hours),
}
"""Field → what is computed from it, and how."""


def in_shared_terms(finding: Finding, written: Collection[str]) -> Finding:
    """Fill what follows from the fields that were written, unless it was written too.

    Concepts of the anchor follow its words; words that have none leave those that it had: a reader may know them by an
    abbreviation that the abstract spells out elsewhere.
    """
    terms: dict[str, Any] = {}
    for field, (derived, make) in DERIVED.items():
        if field in written and field in type(finding).model_fields:
            value = getattr(finding, field)
            terms[derived] = None if value is None else make(value)
    if "anchor_text" in written:
        terms |= {field: term for field, term in _of_words(finding).items() if term is not None}
    return finding.model_copy(update={field: term for field, term in terms.items() if field not in written})


def _of_words(finding: Finding) -> dict[str, Concept | str | None]:
    words = finding.anchor_text
    if isinstance(finding, Outcome):
        instrument = instrument_of(words)
        return {
            "instrument": instrument.concept if instrument else None,
            "domain": domain_of(words, instrument),
        }
    if isinstance(finding, AdverseEvent):
        linked = link(words)
        return {"concept": linked.concept if linked else None}
    return {}
