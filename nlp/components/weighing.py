"""Weigh what tagger and rules read: every candidate with what is seen of it, and the chance that its core is right.

Both say of a place in the text that it is an anchor; here each candidate is looked at in the same way, whoever proposed it: by
the tagger's scores at its place, by whether the rules agree, and by what stands around it.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc

from nlp.components.context import Context
from nlp.components.endpoints import same_endpoint
from nlp.components.proposals import adverse_events, outcomes
from nlp.extensions import Mention, sentence_at, text_of
from nlp.tagging.decode import Read, anchors
from nlp.tagging.labels import GROUPS

TYPES = {"outcomes": "outcome", "adverse_events": "adverse_event"}
"""Group of mentions → type of finding."""
ANCHORS = {"outcomes": "outcome", "adverse_events": "event"}
"""Group of mentions → the tagger's group of labels for its anchors."""
CORES = {"outcomes": "direction", "adverse_events": "assertion"}
"""Group of mentions → the field of their core that the tagger reads."""
READ_TOO = {
    "outcomes": ("drug", "direction", "effect"),
    "adverse_events": ("drug", "assertion", "comparison"),
}
SAME = 0.3
"""Share of the union of two anchors from which they are one, as the scorer has it."""

Candidate = tuple[Mention, dict[str, float]]
"""A mention that may be kept, and what is seen of it that bears on its core being right."""


def candidates(doc: Doc, read: Sequence[Read], context: Context, group: str, begin: float) -> list[Candidate]:
    """Give the mentions of a group that rules or tagger propose, each once, in reading order."""
    ruled: Sequence[Any] = getattr(doc._, group)
    tagged = [t for part in read for t in anchors(text_of(doc), part, begin, (ANCHORS[group],))]
    proposed: Sequence[Any] = (
        outcomes(doc, tagged, context) if group == "outcomes" else adverse_events(doc, tagged, context)
    )
    core = CORES[group]
    new = (m for m in proposed if not any(overlaps(m, r) and alike(m, r, core) for r in ruled))
    mentions = sorted([*ruled, *new], key=lambda m: (m.start, m.end))
    places = [_at(read, group, m) for m in mentions]
    out: list[Candidate] = []
    for mention, place in zip(mentions, places, strict=True):
        rival = [m for m in ruled if m.drug == mention.drug and overlaps(m, mention)]
        agrees = any(alike(m, mention, core) for m in rival)
        tagger_has = any(overlaps(mention, m) for m in proposed)
        sentence = sentence_at(doc, mention.start)
        things = {
            "bias": 1.0,
            f"role {sentence.role if sentence else 'none'}": 1.0,
            **place,
            "tagger proposes": float(tagger_has),
            "rules agree": float(agrees),
            "rules disagree": float(bool(rival) and not agrees),
            "rules alone": float(bool(rival) and not tagger_has),
            **_said_elsewhere(doc, mention, place, list(zip(mentions, places, strict=True))),
        }
        out.append((mention, things))
    return out


def alike(a: Any, b: Any, core: str) -> bool:
    """Tell whether two mentions say the same core."""
    return bool(a.drug == b.drug and getattr(a, core) == getattr(b, core))


def _said_elsewhere(
    doc: Doc, mention: Mention, place: dict[str, float], others: Sequence[tuple[Mention, dict[str, float]]]
) -> dict[str, float]:
    """Say whether other sentences speak of the same endpoint: a conclusion that repeats a result is no second finding."""
    words = doc._.folded[mention.start : mention.end]
    same = [
        (other.start, there["inside"])
        for other, there in others
        if other.evidence != mention.evidence
        and other.drug == mention.drug
        and same_endpoint(doc._.folded[other.start : other.end], words)
    ]
    return {
        "said before": float(any(start < mention.start for start, _ in same)),
        "said after": float(any(start > mention.start for start, _ in same)),
        "said more surely": max([0.0, *(inside - place["inside"] for _, inside in same)]),
    }


def _at(read: Sequence[Read], group: str, mention: Any) -> dict[str, float]:
    """Give the tagger's scores at a mention's place as logarithms of odds; far below where it did not read."""
    for part in read:
        pieces = part.pieces(mention.start, mention.end)
        if len(pieces):
            tags = part.shares(ANCHORS[group])
            things = {
                "begin": _log_odds(tags[pieces[0], 1]),
                "inside": _log_odds(float(np.mean(1 - tags[pieces, 0]))),
            }
            for field in READ_TOO[group]:
                value = getattr(mention, field) or "none"
                label = "member" if field == "drug" else field
                share = part.shares(label)[pieces[0]][GROUPS[label].index(value)]
                things[f"tagger's {field}"] = _log_odds(float(share))
            return things
    return {"begin": -4.6, "inside": -4.6, "unread": 1.0}


def _log_odds(share: float) -> float:
    share = min(max(share, 0.01), 0.99)
    return math.log(share / (1 - share))


def overlaps(a: Mention, b: Mention) -> bool:
    """Tell whether two anchors share enough of their union to be one, as the scorer asks."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return common > 0 and common >= SAME * (max(a.end, b.end) - min(a.start, b.start))


def chosen(sure: Sequence[tuple[Mention, float]], least: float) -> list[Mention]:
    """Keep the candidates from a chance on, the surer of two that overlap, in reading order."""
    kept: list[Mention] = []
    for mention, chance in sorted(sure, key=lambda pair: -pair[1]):
        if chance >= least and not any(m.drug == mention.drug and overlaps(m, mention) for m in kept):
            kept.append(mention.model_copy(update={"confidence": chance}))
    return sorted(kept, key=lambda m: (m.start, m.end))
