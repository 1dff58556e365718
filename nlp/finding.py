"""What an abstract says, as records that point at its words: the exchange format of ketmine.

The meaning of each field is PICO's and the annotation guidelines'; `None` means that the abstract does not
say. Quotes follow W3C Web Annotation (start, end, exact), concepts are CURIEs, assertions are i2b2's classes,
directions Evidence Inference's.
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nlp.article import Record

Offsets = tuple[int, int]
"""A half-open pair of code-point offsets into the document's text."""


class Drug(StrEnum):
    """The ketamine family."""

    KETAMINE = "ketamine"
    ESKETAMINE = "esketamine"
    ARKETAMINE = "arketamine"
    NORKETAMINE = "norketamine"
    HYDROXYNORKETAMINE = "hydroxynorketamine"


class Route(StrEnum):
    """How a dose is given; `other` also for one regimen given by several routes."""

    INTRAVENOUS = "intravenous"
    INTRANASAL = "intranasal"
    INTRAMUSCULAR = "intramuscular"
    SUBCUTANEOUS = "subcutaneous"
    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    INTRAPERITONEAL = "intraperitoneal"
    EPIDURAL = "epidural"
    INTRATHECAL = "intrathecal"
    TOPICAL = "topical"
    RECTAL = "rectal"
    INHALED = "inhaled"
    OTHER = "other"


class Assertion(StrEnum):
    """Whether an adverse event was seen, said not to occur (or not to differ), or hedged."""

    PRESENT = "present"
    ABSENT = "absent"
    POSSIBLE = "possible"


class Comparison(StrEnum):
    """How often the adverse event occurred beside the comparator."""

    MORE = "more"
    LESS = "less"
    SIMILAR = "similar"


class Direction(StrEnum):
    """What happened to the endpoint itself."""

    INCREASED = "increased"
    DECREASED = "decreased"
    NO_DIFFERENCE = "no_difference"


class Effect(StrEnum):
    """What that means for the patient."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    NO_DIFFERENCE = "no_difference"
    UNCLEAR = "unclear"


class Species(StrEnum):
    """Whose findings they are; `none` for a text without subjects of its own."""

    HUMAN = "human"
    ANIMAL = "animal"
    IN_VITRO = "in_vitro"
    MIXED = "mixed"
    NONE = "none"


class Design(StrEnum):
    """How the study was done."""

    META_ANALYSIS = "meta_analysis"
    SYSTEMATIC_REVIEW = "systematic_review"
    REVIEW = "review"
    RANDOMIZED_TRIAL = "randomized_trial"
    NONRANDOMIZED_TRIAL = "nonrandomized_trial"
    COHORT = "cohort"
    CASE_CONTROL = "case_control"
    CROSS_SECTIONAL = "cross_sectional"
    CASE_REPORT = "case_report"
    PRECLINICAL = "preclinical"
    OTHER = "other"


class Blinding(StrEnum):
    """Who did not know the allocation."""

    DOUBLE_BLIND = "double_blind"
    SINGLE_BLIND = "single_blind"
    OPEN_LABEL = "open_label"


class Setting(StrEnum):
    """Where ketamine was used, and for what."""

    PSYCHIATRIC = "psychiatric"
    PERIOPERATIVE = "perioperative"
    PAIN = "pain"
    RECREATIONAL = "recreational"
    HEALTHY_VOLUNTEERS = "healthy_volunteers"
    PRECLINICAL = "preclinical"
    OTHER = "other"


class Unlinked(StrEnum):
    """Why a result has no dose: the abstract states none, or several that the text does not tell apart."""

    NONE_STATED = "none_stated"
    NOT_TOLD_APART = "not_told_apart"


class EvidenceSpan(Record):
    """Words of the document: half-open offsets and the exact quote."""

    start: int = Field(ge=0)
    end: int
    exact: str

    @model_validator(mode="after")
    def _lengths_agree(self) -> "EvidenceSpan":
        if self.end - self.start != len(self.exact):
            raise ValueError(f"span {self.start}:{self.end} is not as long as its quote {self.exact!r}")
        return self


class Concept(Record):
    """A term of an open vocabulary: CURIE (`MESH:D003866`) and preferred name."""

    curie: str
    name: str


class Flag(Record):
    """Why a person should look: a stable code, and the reason in words a curator understands."""

    code: str
    reason: str


class Provenance(Record):
    """Which reader said so: the text's hash, pipeline, version, and the component that drew the anchor."""

    document_hash: str
    pipeline: str
    version: str
    component: str | None = None


class FindingBase(Record):
    """What every finding has."""

    id: str
    drug: Drug
    drug_concept: Concept | None = None
    anchor: Offsets
    anchor_text: str
    evidence: Offsets
    evidence_text: str
    section: str | None = None
    own_result: bool = True
    confidence: float | None = Field(default=None, ge=0, le=1)
    flags: tuple[Flag, ...] = ()
    spans: dict[str, EvidenceSpan] = Field(
        default_factory=dict, description="The words a field was read from, by the field's name."
    )
    provenance: Provenance


class Dose(FindingBase):
    """One regimen of a family member."""

    type: Literal["dose"] = "dose"
    low: float
    high: float
    unit: str = Field(description="Lower case, `u` for micro, `/` for per: `mg/kg`, `ug/kg/min`.")
    ucum: str | None = Field(default=None, description="The unit in UCUM's case-sensitive code.")
    route: Route | None = None
    infusion: str | None = None
    infusion_minutes: float | None = None
    schedule: str | None = None


class LinkedFinding(FindingBase):
    """A result, and the ids of the dose findings of its arm, or why there is none."""

    doses: tuple[str, ...] | None = None
    unlinked: Unlinked | None = None


class AdverseEvent(LinkedFinding):
    """An unwanted effect of a family member: seen, said not to occur, or hedged."""

    type: Literal["adverse_event"] = "adverse_event"
    concept: Concept | None = None
    assertion: Assertion
    comparison: Comparison | None = None
    rate: str | None = None
    transient: bool = False
    serious: bool = False


class Outcome(LinkedFinding):
    """One result of a family member on an endpoint."""

    type: Literal["outcome"] = "outcome"
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


Finding = Annotated[Dose | AdverseEvent | Outcome, Field(discriminator="type")]


class Condition(Record):
    """A disorder or clinical setting studied: its first and fullest mention."""

    text: str
    span: Offsets
    concept: Concept | None = None


class StudyProfile(Record):
    """What kind of study the abstract reports."""

    species: Species
    design: Design
    blinding: Blinding | None = None
    sample_size: int | None = None
    conditions: tuple[Condition, ...] = ()
    setting: Setting = Setting.OTHER


class Reading(Record):
    """Everything one pipeline read in one document; one line of the exchange format."""

    id: str
    text: str
    study: StudyProfile
    findings: tuple[Finding, ...] = ()
    flags: tuple[Flag, ...] = Field(
        default=(), description="Why a person should look at the whole: a component failed on this text."
    )
    provenance: Provenance


def finding_id(
    document_hash: str,
    type_: str,
    drug: str,
    anchor_text: str,
    comparator: str | None = None,
    timepoint: str | None = None,
    ordinal: int = 0,
) -> str:
    """Give a finding's id: 16 hexadecimal digits that depend on nothing but what the claim is.

    `ordinal` counts findings that are equal in all the rest, in reading order.
    """
    parts = (document_hash, type_, drug, anchor_text, comparator or "", timepoint or "", str(ordinal))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
