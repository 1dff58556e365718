"""Annotated Doc → Reading: the only place where spans become claims.

Components leave mention records on the Doc (see nlp.extensions); what is added here is what only the whole
document can give: ids, quotes, links between findings, provenance.
"""

from collections import Counter

from spacy.tokens import Doc

from nlp.article import Document
from nlp.extensions import AdverseEventMention, DoseMention, Mention, OutcomeMention
from nlp.finding import (
    AdverseEvent,
    Design,
    Dose,
    EvidenceSpan,
    Finding,
    Offsets,
    Outcome,
    Provenance,
    Reading,
    Species,
    StudyProfile,
    Unlinked,
    finding_id,
)
from nlp.flags import flagged, with_disagreements

# the fields of a mention that a finding holds in another form
_RESHAPED = {"start", "end", "evidence", "component", "spans"}
_UNREAD = StudyProfile(species=Species.NONE, design=Design.OTHER)


def assemble(doc: Doc, document: Document, provenance: Provenance) -> Reading:
    """Turn an annotated Doc into the reading of its document, findings in order of type and text."""
    ids: Counter[tuple[str, ...]] = Counter()
    doses = [_dose(mention, document, provenance, ids) for mention in doc._.doses]
    dose_ids = tuple(dose.id for dose in doses)
    findings: list[Finding] = list(doses)
    for group, mentions in (("outcomes", doc._.outcomes), ("adverse_events", doc._.adverse_events)):
        for index, mention in enumerate(mentions):
            linked = _link(doc, group, index, dose_ids)
            findings.append(_result(mention, document, provenance, ids, linked))
    species = (doc._.study or _UNREAD).species
    ruled = [
        _result(mention, document, provenance, Counter(), {})
        for mentions in doc._.ruled.values()
        for mention in mentions
    ]
    return Reading(
        id=document.id,
        text=document.text,
        study=doc._.study or _UNREAD,
        findings=with_disagreements(flagged(findings, species, lambda f: _other_drugs(doc, f)), ruled),
        flags=doc._.failures,
        provenance=provenance,
    )


def _other_drugs(doc: Doc, finding: Finding) -> list[str]:
    """Give the drugs outside the family that the sentence of a finding names."""
    start, end = finding.evidence
    return [drug.name for drug in doc._.drugs if drug.member is None and start <= drug.start < end]


def _dose(
    mention: DoseMention, document: Document, provenance: Provenance, ids: Counter[tuple[str, ...]]
) -> Dose:
    return Dose(**_fields(mention), **_claim(mention, "dose", document, provenance, ids))


def _result(
    mention: OutcomeMention | AdverseEventMention,
    document: Document,
    provenance: Provenance,
    ids: Counter[tuple[str, ...]],
    linked: dict[str, object],
) -> Outcome | AdverseEvent:
    kind, made = (
        ("outcome", Outcome) if isinstance(mention, OutcomeMention) else ("adverse_event", AdverseEvent)
    )
    return made(**_fields(mention), **_claim(mention, kind, document, provenance, ids), **linked)


def _fields(mention: Mention) -> dict[str, object]:
    # not model_dump, which would turn the records inside into dictionaries
    return {name: getattr(mention, name) for name in type(mention).model_fields if name not in _RESHAPED}


def _claim(
    mention: Mention, kind: str, document: Document, provenance: Provenance, ids: Counter[tuple[str, ...]]
) -> dict[str, object]:
    """Give what ties a finding to its words: id, anchor, evidence, spans, provenance."""
    text = document.text
    anchor_text = text[mention.start : mention.end]
    comparator, timepoint = getattr(mention, "comparator", None), getattr(mention, "timepoint", None)
    identity = (kind, mention.drug.value, anchor_text, comparator or "", timepoint or "")
    ordinal = ids[identity]
    ids[identity] += 1
    return {
        "id": finding_id(
            document.hash, kind, mention.drug.value, anchor_text, comparator, timepoint, ordinal
        ),
        "anchor": (mention.start, mention.end),
        "anchor_text": anchor_text,
        "evidence": mention.evidence,
        "evidence_text": text[slice(*mention.evidence)],
        "spans": {name: _quote(text, offsets) for name, offsets in mention.spans.items()},
        "provenance": provenance.model_copy(update={"component": mention.component}),
    }


def _quote(text: str, offsets: Offsets) -> EvidenceSpan:
    start, end = offsets
    return EvidenceSpan(start=start, end=end, exact=text[start:end])


def _link(doc: Doc, group: str, index: int, dose_ids: tuple[str, ...]) -> dict[str, object]:
    linked = (doc._.links or {}).get((group, index), Unlinked.NONE_STATED)
    if isinstance(linked, Unlinked):
        return {"doses": None, "unlinked": linked}
    return {"doses": tuple(dose_ids[i] for i in linked), "unlinked": None}
