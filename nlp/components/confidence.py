"""How sure a finding is: the chance that its core is right, from what can be seen around it.

The core is what the guidelines score: a dose's drug, amount and unit; an adverse event's drug and assertion; an outcome's
endpoint, drug and direction. Each thing seen has points (resources/confidence_points.tsv, fitted to annotated abstracts by
nlp.training.fit_confidence); their sum is the logarithm of the odds.
"""

import math
import re
from collections.abc import Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.extensions import (
    AdverseEventMention,
    DoseMention,
    Mention,
    OutcomeMention,
    fill,
    sentence_at,
    study_of,
)
from nlp.finding import Direction
from nlp.vocabulary import Row

GROUPS = {"doses": "dose", "adverse_events": "adverse_event", "outcomes": "outcome"}
"""Attribute of the Doc → type of finding."""

_HEDGED = re.compile(r"\b(?:may|might|could|potential(?:ly)?|possib\w+|suggest\w*|whether|unclear)\b")
_SIGNIFICANT = re.compile(r"\bp ?[<>=≤≥]|\bsignifican")
_COMPOSITE = re.compile(r"adverse|side.?effect|\b\w*aes?$|tolera|\bsafe|complication")
_GENERAL = re.compile(r"effects?$|efficacy|effective|response|improvement|symptoms$|outcomes?$|levels?$")


def seen(doc: Doc, mention: Mention) -> list[str]:
    """Name all that is seen around a mention and bears on whether it is right."""
    sentence = sentence_at(doc, mention.start)
    words = doc._.folded[slice(*mention.evidence)]
    anchor = doc._.folded[mention.start : mention.end]
    drugs = [d for d in doc._.drugs if mention.evidence[0] <= d.start < mention.evidence[1]]
    study = study_of(doc)
    named = any(d.member == mention.drug for d in drugs)
    cues = {
        "drug named": named,
        "other member named": not named and any(d.member for d in drugs),
        "other drug named": any(not d.member and d.kind not in ("placebo", "procedure") for d in drugs),
        "several other drugs": len({d.name for d in drugs if not d.member and d.kind != "placebo"}) > 1,
        "labelled section": bool(sentence and sentence.label),
        "not own result": not mention.own_result,
        "hedged": bool(_HEDGED.search(words)),
        "significance": bool(_SIGNIFICANT.search(words)),
        "figures": any(c.isdigit() for c in words),
        "long sentence": len(words) > 300,
        "long anchor": len(anchor) > 30,
        "no subjects": bool(study and study.species == "none"),
        "animals": bool(study and study.species == "animal"),
    }
    return [
        "bias",
        f"role {sentence.role if sentence else 'none'}",
        *(name for name, holds in cues.items() if holds),
        *(name for name, holds in _of_type(doc, mention, anchor).items() if holds),
    ]


def _of_type(doc: Doc, mention: Mention, anchor: str) -> dict[str, bool]:
    """Say what is seen of a mention's own kind."""
    if isinstance(mention, DoseMention):
        return {
            f"unit {mention.unit}": mention.unit in ("mg/kg", "mg", "mg/kg/h", "ug/kg/min", "ng/ml"),
            "route": mention.route is not None,
            "range": mention.low != mention.high,
            "unit left out": not any(c.isalpha() for c in anchor),
            "many doses": len(doc._.doses) > 4,
        }
    if isinstance(mention, AdverseEventMention):
        return {
            f"assertion {mention.assertion}": True,
            "comparison": mention.comparison is not None,
            "rate": mention.rate is not None,
            "concept": mention.concept is not None,
            "composite": bool(_COMPOSITE.search(anchor)),
            "neighbours": _beside(doc._.adverse_events, mention) > 2,
            "alone": _beside(doc._.adverse_events, mention) == 1,
        }
    if isinstance(mention, OutcomeMention):
        return {
            f"direction {mention.direction or 'none'}": True,
            "effect unclear": mention.effect == "unclear"
            and mention.direction is not Direction.NO_DIFFERENCE,
            "instrument": mention.instrument is not None,
            f"domain {mention.domain}": mention.domain
            in ("depression", "suicidality", "pain", "biomarker", "neuroimaging"),
            "no domain": mention.domain is None,
            "p-value": mention.p_value is not None,
            "value": mention.value is not None,
            "interval": mention.ci is not None,
            "time": mention.timepoint is not None,
            "comparator named": "comparator" in mention.spans,
            "general": bool(_GENERAL.search(anchor)),
            "neighbours": _beside(doc._.outcomes, mention) > 2,
            "alone": _beside(doc._.outcomes, mention) == 1,
        }
    return {}


def _beside(mentions: Sequence[Mention], mention: Mention) -> int:
    return sum(other.evidence == mention.evidence for other in mentions)


class Points:
    """The points of what is seen, by type of finding."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the table."""
        self._points: dict[str, dict[str, float]] = {}
        for row in rows:
            self._points.setdefault(row["type"], {})[row["seen"]] = float(row["points"])

    def of(self, kind: str, name: str) -> float:
        """Give what one thing counts for a type of finding, 0 for what is not in the table."""
        return self._points.get(kind, {}).get(name, 0.0)

    def chance(self, kind: str, things: Mapping[str, float]) -> float | None:
        """Give the chance that a finding of a type is right, None without points for the type."""
        points: Mapping[str, float] = self._points.get(kind, {})
        if not points:
            return None
        odds = sum(points.get(name, 0.0) * value for name, value in things.items())
        return round(1 / (1 + math.exp(-odds)), 3)


@Language.factory(
    "ketmine_confidence",
    default_config={"points": {"@misc": "ketmine.table.v1", "name": "confidence_points.tsv"}},
    requires=["doc._.doses", "doc._.outcomes", "doc._.adverse_events", "doc._.study"],
    assigns=["doc._.doses", "doc._.outcomes", "doc._.adverse_events"],
)
def create_confidence(nlp: Language, name: str, points: Sequence[Row]) -> "Confidence":
    """Make the component from a table of points."""
    return Confidence(Points(points))


class Confidence:
    """Write the confidence of every mention that has none yet."""

    def __init__(self, points: Points) -> None:
        """Take the points."""
        self.points = points

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        for group, kind in GROUPS.items():
            mentions = getattr(doc._, group)
            sure = [
                self.points.chance(kind, dict.fromkeys(seen(doc, mention), 1.0))
                if mention.confidence is None
                else mention.confidence
                for mention in mentions
            ]
            pairs = zip(mentions, sure, strict=True)
            fill(doc, group, [mention.model_copy(update={"confidence": chance}) for mention, chance in pairs])
        return doc
