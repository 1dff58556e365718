"""Concepts, domains, UCUM units and hours: the words of every mention in terms that abstracts share."""

from collections.abc import Iterable
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from nlp.concepts import drug_concept, link
from nlp.extensions import AdverseEventMention, DoseMention, Mention, OutcomeMention, fill, text_of
from nlp.finding import Concept
from nlp.instruments import domain_of, instrument_of
from nlp.quantities import hours, minutes, ucum


def spelled_out(doc: Doc, start: int, end: int) -> str:
    """Give the words between two offsets, each abbreviation among them by its first long form."""
    parts, at = [], start
    for short in doc._.short_forms:
        if at <= short.start and short.end <= end and not start <= short.long_start < end:
            parts += [text_of(doc)[at : short.start], text_of(doc)[short.long_start : short.long_end]]
            at = short.end
    return "".join([*parts, text_of(doc)[at:end]])


def concept_of(doc: Doc, start: int, end: int) -> Concept | None:
    """Give the concept of a disorder or symptom between two offsets."""
    # the long form first: `OCD` alone is several things
    found = link(spelled_out(doc, start, end)) or link(text_of(doc)[start:end])
    return found.concept if found else None


def normalised(doc: Doc, mention: Mention) -> Mention:
    """Fill the fields of a mention that its words have in shared terms."""
    more: dict[str, Any] = {"drug_concept": drug_concept(mention.drug)}
    if isinstance(mention, DoseMention):
        more["ucum"] = ucum(mention.unit)
        more["infusion_minutes"] = minutes(mention.infusion) if mention.infusion else None
    elif isinstance(mention, OutcomeMention):
        words = text_of(doc)[mention.start : mention.end]
        longer = spelled_out(doc, mention.start, mention.end)
        instrument = instrument_of(words) or (instrument_of(longer) if longer != words else None)
        more["instrument"] = instrument.concept if instrument else None
        more["domain"] = domain_of(longer, instrument)
        more["timepoint_hours"] = hours(mention.timepoint) if mention.timepoint else None
    elif isinstance(mention, AdverseEventMention):
        more["concept"] = concept_of(doc, mention.start, mention.end)
    return mention.model_copy(update=more)


@Language.component(
    "ketmine_concepts",
    requires=["doc._.doses", "doc._.outcomes", "doc._.adverse_events", "doc._.study"],
    assigns=["doc._.doses", "doc._.outcomes", "doc._.adverse_events", "doc._.study"],
)
def concepts(doc: Doc) -> Doc:
    """Fill shared terms into `doc._.doses`, `.outcomes`, `.adverse_events` and the conditions of `doc._.study`."""
    for name in ("doses", "outcomes", "adverse_events"):
        mentions: Iterable[Mention] = getattr(doc._, name)
        fill(doc, name, [normalised(doc, mention) for mention in mentions])
    if doc._.study:
        conditions = tuple(
            condition.model_copy(update={"concept": concept_of(doc, *condition.span)})
            for condition in doc._.study.conditions
        )
        doc._.study = doc._.study.model_copy(update={"conditions": conditions})
    return doc
