"""The trained tagger's outcomes and adverse events: it says where and what, rules add the figures beside."""

import math
from collections.abc import Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.context import Context, context_of, drugs_in, is_own, members_of
from nlp.components.figures import Contrast, Result, with_figures
from nlp.components.outcomes import mention_of
from nlp.components.unwanted import Event, with_rates
from nlp.extensions import AdverseEventMention, Mention, OutcomeMention, Sentence, keep, sentence_at
from nlp.finding import Assertion, Comparison, Direction, Effect
from nlp.pipeline import MODELS
from nlp.tagging.decode import Tagged, anchors
from nlp.tagging.model import Tagger
from nlp.tagging.pieces import windows
from nlp.vocabulary import Row

COMPONENT = "tagger"
CORES = {"outcomes": "direction", "adverse_events": "assertion"}
"""Group of mentions → the field of their core that the tagger reads."""
TYPES = {"outcomes": "outcome", "adverse_events": "adverse_event"}


def tag(doc: Doc, tagger: Tagger, begin: float) -> list[Tagged]:
    """Read the anchors of a document that names a family member; another has none."""
    if not any(d.member for d in doc._.drugs):
        return []
    found = []
    for window in windows(tagger.tokenizer, doc.text, doc._.sentences, doc._.drugs):
        found.extend(anchors(doc.text, window, tagger.scores(window), begin))
    return found


def outcomes(doc: Doc, tagged: Sequence[Tagged], context: Context) -> list[tuple[OutcomeMention, Tagged]]:
    """Turn the outcome anchors into mentions, sentence by sentence."""
    out = []
    for sentence, inside in _by_sentence(doc, [t for t in tagged if t.group == "outcome"]):
        words = doc._.folded[sentence.start : sentence.end]
        drugs = drugs_in(sentence, doc._.folded, doc._.drugs, context.arms)
        results = [
            Result(
                t.start - sentence.start,
                t.end - sentence.start,
                None if t.labels["direction"] == "none" else Direction(t.labels["direction"]),
                Effect(t.labels["effect"]),
                {"nothing": None, "baseline": Contrast("baseline"), "named": Contrast("control")}[
                    t.labels["against"]
                ],
            )
            for t in inside
        ]
        for result, t in zip(with_figures(words, results), inside, strict=True):
            for member in members_of(words, result.start, drugs, context):
                mention = mention_of(doc.text, sentence, words, result, member, context)
                if t.labels["against"] == "nothing" and mention.comparator:
                    spans = {name: span for name, span in mention.spans.items() if name != "comparator"}
                    mention = mention.model_copy(update={"comparator": None, "spans": spans})
                out.append((mention.model_copy(update={"component": COMPONENT}), t))
    return out


def adverse_events(
    doc: Doc, tagged: Sequence[Tagged], context: Context
) -> list[tuple[AdverseEventMention, Tagged]]:
    """Turn the adverse-event anchors into mentions, sentence by sentence."""
    out = []
    for sentence, inside in _by_sentence(doc, [t for t in tagged if t.group == "event"]):
        words = doc._.folded[sentence.start : sentence.end]
        drugs = drugs_in(sentence, doc._.folded, doc._.drugs, context.arms)
        events = [
            Event(
                t.start - sentence.start,
                t.end - sentence.start,
                "",
                "event",
                Assertion(t.labels["assertion"]),
                None if t.labels["comparison"] == "none" else Comparison(t.labels["comparison"]),
                None,
                t.labels["transient"] == "yes",
                t.labels["serious"] == "yes",
            )
            for t in inside
        ]
        for event, t in zip(with_rates(words, events), inside, strict=True):
            rate = (sentence.start + event.rate[0], sentence.start + event.rate[1]) if event.rate else None
            for member in members_of(words, event.start, drugs, context):
                mention = AdverseEventMention(
                    start=t.start,
                    end=t.end,
                    evidence=(sentence.start, sentence.end),
                    drug=member,
                    component=COMPONENT,
                    section=sentence.label,
                    own_result=is_own(sentence.role, words),
                    spans={"rate": rate} if rate else {},
                    assertion=event.assertion,
                    comparison=event.comparison,
                    rate=doc.text[rate[0] : rate[1]] if rate else None,
                    transient=event.transient,
                    serious=event.serious,
                )
                out.append((mention, t))
    return out


def _by_sentence(doc: Doc, tagged: Sequence[Tagged]) -> list[tuple[Sentence, list[Tagged]]]:
    groups: dict[Sentence, list[Tagged]] = {}
    for t in sorted(tagged, key=lambda t: (t.start, t.end)):
        sentence = sentence_at(doc, t.start)
        if sentence and t.end <= sentence.end:
            groups.setdefault(sentence, []).append(t)
    return list(groups.items())


def overlaps(a: Mention, b: Mention) -> bool:
    """Tell whether two anchors share at least 0.3 of their union, as the scorer asks."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return common > 0 and common >= 0.3 * (max(a.end, b.end) - min(a.start, b.start))


Candidate = tuple[Mention, dict[str, float]]
"""A mention that may be kept, and what is known of it that bears on its core being right."""


def candidates(doc: Doc, tagged: Sequence[Tagged], context: Context, group: str) -> list[Candidate]:
    """Give the tagger's mentions of a group (`outcomes`, `adverse_events`) and those that only the rules read."""
    core = CORES[group]
    ruled: Sequence[Mention] = getattr(doc._, group)
    read: Sequence[tuple[Mention, Tagged]] = (
        outcomes(doc, tagged, context) if group == "outcomes" else adverse_events(doc, tagged, context)
    )
    found: list[Candidate] = []
    for mention, t in read:
        same = [m for m in ruled if m.drug == mention.drug and overlaps(m, mention)]
        agrees = any(getattr(m, core) == getattr(mention, core) for m in same)
        seen = {
            "tagger": 1.0,
            "anchor": _log_odds(t.sure),
            "core": _log_odds(t.shares[core]),
            "rules agree": float(agrees),
            "rules disagree": float(bool(same) and not agrees),
        }
        found.append((mention, seen))
    for mention in ruled:
        if not any(mention.drug == other.drug and overlaps(mention, other) for other, _ in found):
            sentence = sentence_at(doc, mention.start)
            result = float(sentence is not None and sentence.role == "results")
            found.append((mention, {"rules alone": 1.0, "rules alone, results": result}))
    return found


def _log_odds(share: float) -> float:
    share = min(max(share, 0.01), 0.99)
    return math.log(share / (1 - share))


class Points:
    """What each thing seen counts, by type of finding; fitted on abstracts that the tagger has not read."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the table."""
        self._points: dict[str, dict[str, float]] = {}
        for row in rows:
            self._points.setdefault(row["type"], {})[row["seen"]] = float(row["points"])

    def chance(self, kind: str, things: Mapping[str, float]) -> float:
        """Give the chance that a finding's core is right."""
        points = self._points[kind]
        return round(1 / (1 + math.exp(-sum(points[name] * value for name, value in things.items()))), 3)


@Language.factory(
    "ketmine_tagger",
    default_config={
        "model": "tagger",
        "points": {"@misc": "ketmine.table.v1", "name": "tagger_points.tsv"},
        "begin": 0.15,
        "least": {"outcomes": 0.3, "adverse_events": 0.3},
    },
    requires=["doc._.sentences", "doc._.drugs", "doc._.outcomes", "doc._.adverse_events"],
    assigns=["doc._.outcomes", "doc._.adverse_events", "doc.spans"],
)
def create_tagger(
    nlp: Language, name: str, model: str, points: Sequence[Row], begin: float, least: dict[str, float]
) -> "TaggerComponent":
    """Make the component.

    `model` is a folder in nlp/models, `begin` the share of `B` from which an anchor is a candidate, `least` the
    chance of being right from which a candidate of a group is kept.
    """
    return TaggerComponent(Tagger(MODELS / model), Points(points), begin, least)


class TaggerComponent:
    """Put what tagger and rules together hold for right in place of the rules' outcomes and adverse events."""

    def __init__(self, tagger: Tagger, points: Points, begin: float, least: dict[str, float]) -> None:
        """Take the loaded model."""
        self.tagger, self.points, self.begin, self.least = tagger, points, begin, least

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        context = context_of(doc.text, doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
        if context is None:
            return doc
        tagged = tag(doc, self.tagger, self.begin)
        for group, kind in TYPES.items():
            sure = [
                (mention, self.points.chance(kind, seen))
                for mention, seen in candidates(doc, tagged, context, group)
            ]
            keep(doc, group, chosen(sure, self.least[group]))
        return doc


def chosen(sure: Sequence[tuple[Mention, float]], least: float) -> list[Mention]:
    """Keep the candidates from a chance on, the surer of two that overlap, in reading order."""
    kept: list[Mention] = []
    for mention, chance in sorted(sure, key=lambda pair: -pair[1]):
        if chance >= least and not any(m.drug == mention.drug and overlaps(m, mention) for m in kept):
            kept.append(mention.model_copy(update={"confidence": chance}))
    return sorted(kept, key=lambda m: (m.start, m.end))
