"""Every custom attribute on a Doc, registered once, and the records kept in them; the tables that configs name.

Each component writes one attribute and one span group of the same name (see `keep`). Records carry
character offsets and text, never Spans: a Span dies with its Doc, and the words of a claim need not end
where a token does.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import spacy
from pydantic import Field
from spacy.tokens import Doc, SpanGroup

from nlp.article import Record
from nlp.finding import (
    Assertion,
    Comparison,
    Concept,
    Direction,
    Drug,
    Effect,
    Flag,
    Offsets,
    Route,
    StudyProfile,
    Unlinked,
)
from nlp.vocabulary import Row, read_table


@spacy.registry.misc("ketmine.table.v1")
def table(name: str) -> tuple[Row, ...]:
    """Give a table of nlp/resources to a component: `@misc = "ketmine.table.v1"` in a config."""
    return read_table(name)


class Section(NamedTuple):
    """A part of the document: `start` is after the label; role as in `nlp.components.sections.ROLES`."""

    start: int
    end: int
    label: str | None
    role: str


class Sentence(NamedTuple):
    """A sentence without outer white space, with the label of its section and its own role.

    Roles: title, background, aim, methods, results, conclusion, registration.
    """

    start: int
    end: int
    label: str | None
    role: str


class DrugMention(NamedTuple):
    """A drug named in the text: `name` is the table's; `member` is set for the ketamine family only."""

    start: int
    end: int
    name: str
    member: Drug | None
    kind: str


class Abbreviation(NamedTuple):
    """A short form wherever it occurs, and the first place of its long form."""

    start: int
    end: int
    long_start: int
    long_end: int


class Mention(Record):
    """What every annotated finding has before it is assembled.

    `start` and `end` are the anchor's, `spans` the words a field was read from, by the field's name. Fields
    of nlp.finding that a later component fills (concepts, hours, confidence, flags) are set by
    `model_copy(update=…)`.
    """

    start: int
    end: int
    evidence: Offsets
    drug: Drug
    component: str
    section: str | None = None
    own_result: bool = True
    confidence: float | None = Field(default=None, ge=0, le=1)
    drug_concept: Concept | None = None
    flags: tuple[Flag, ...] = ()
    spans: dict[str, Offsets] = Field(default_factory=dict)


class DoseMention(Mention):
    """A regimen; the fields are those of nlp.finding.Dose."""

    low: float
    high: float
    unit: str
    ucum: str | None = None
    route: Route | None = None
    infusion: str | None = None
    infusion_minutes: float | None = None
    schedule: str | None = None


class AdverseEventMention(Mention):
    """An unwanted effect; the fields are those of nlp.finding.AdverseEvent."""

    concept: Concept | None = None
    assertion: Assertion
    comparison: Comparison | None = None
    rate: str | None = None
    transient: bool = False
    serious: bool = False


class OutcomeMention(Mention):
    """A result on an endpoint; the fields are those of nlp.finding.Outcome."""

    instrument: Concept | None = None
    domain: str | None = None
    condition: Concept | None = None
    direction: Direction | None = None
    effect: Effect
    comparator: str | None = None
    timepoint: str | None = None
    timepoint_hours: float | None = None
    value: str | None = None
    comparator_value: str | None = None
    ci: str | None = None
    p_value: str | None = None


Links = dict[tuple[str, int], "tuple[int, ...] | Unlinked"]
"""(`outcomes` or `adverse_events`, index in that list) → indexes in `doc._.doses`, or why there is none."""

EXTENSIONS: dict[str, Any] = {
    "folded": None,  # str: nlp.folding.fold(doc.text)
    "publication_types": (),  # tuple[str, ...]: MeSH ids, set by nlp.pipeline.read
    "sections": (),  # tuple[Section, ...], in reading order, covering every line
    "sentences": (),  # tuple[Sentence, ...], in reading order
    "short_forms": (),  # tuple[Abbreviation, ...]
    "drugs": (),  # tuple[DrugMention, ...], in reading order, not overlapping
    "doses": (),  # tuple[DoseMention, ...], in reading order
    "outcomes": (),  # tuple[OutcomeMention, ...]
    "adverse_events": (),  # tuple[AdverseEventMention, ...]
    "ruled": {},  # dict[str, tuple[Mention, ...]]: outcomes and adverse events as rules alone read them
    "study": None,  # StudyProfile
    "links": None,  # Links
    "failures": (),  # tuple[Flag, ...]: components that raised on this document
}

for _name, _default in EXTENSIONS.items():
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=_default)


def keep(doc: Doc, name: str, mentions: Sequence[Any]) -> None:
    """Write a component's mentions: the records as `doc._.<name>`, their words as `doc.spans[<name>]`."""
    setattr(doc._, name, tuple(mentions))
    spans = (doc.char_span(m.start, m.end, label=name, alignment_mode="expand") for m in mentions)
    doc.spans[name] = SpanGroup(doc, name=name, spans=[span for span in spans if span is not None])


def fill(doc: Doc, name: str, mentions: Sequence[Any]) -> None:
    """Write fields that were filled into a component's mentions; their words stay where they are."""
    setattr(doc._, name, tuple(mentions))


def text_of(doc: Doc) -> str:
    """Give the text of a Doc, which spaCy otherwise joins from its tokens each time."""
    text: str | None = doc.user_data.get(_TEXT)
    return text if text is not None else text_of(with_text(doc, doc.text))


def with_text(doc: Doc, text: str) -> Doc:
    """Give a Doc its text to keep."""
    doc.user_data[_TEXT] = text
    return doc


_TEXT = "ketmine_text"


def sentence_at(doc: Doc, start: int) -> Sentence | None:
    """Give the sentence that holds a character offset."""
    return next((s for s in doc._.sentences if s.start <= start < s.end), None)


def within(mentions: Sequence[Any], start: int, end: int) -> Iterator[Any]:
    """Give the mentions that lie wholly in a half-open range of characters."""
    return (m for m in mentions if start <= m.start and m.end <= end)


def study_of(doc: Doc) -> StudyProfile | None:
    """Give the study profile, typed."""
    profile: StudyProfile | None = doc._.study
    return profile
