"""What the trained tagger proposes: its anchors as outcomes and adverse events, with the figures that rules read beside them."""

from collections.abc import Sequence

from spacy.tokens import Doc

from nlp.components.adverse_events import mention_of as adverse_event_of
from nlp.components.context import Context, drugs_in, members_of
from nlp.components.events import Event, tested, with_rates
from nlp.components.figures import Contrast, Result, with_figures
from nlp.components.outcomes import mention_of as outcome_of
from nlp.extensions import AdverseEventMention, OutcomeMention, Sentence, sentence_at, text_of
from nlp.finding import Assertion, Comparison, Direction, Drug, Effect
from nlp.tagging.decode import Tagged

COMPONENT = "tagger"


def outcomes(doc: Doc, tagged: Sequence[Tagged], context: Context) -> list[OutcomeMention]:
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
            for member in _members(t, members_of(words, result.start, drugs, context), context):
                mention = outcome_of(text_of(doc), sentence, words, result, member, context)
                if t.labels["against"] == "nothing" and mention.comparator:
                    spans = {name: span for name, span in mention.spans.items() if name != "comparator"}
                    mention = mention.model_copy(update={"comparator": None, "spans": spans})
                out.append(mention.model_copy(update={"component": COMPONENT}))
    return out


def adverse_events(doc: Doc, tagged: Sequence[Tagged], context: Context) -> list[AdverseEventMention]:
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
        for event, t in zip(with_rates(words, tested(words, events)), inside, strict=True):
            for member in _members(t, members_of(words, event.start, drugs, context), context):
                mention = adverse_event_of(text_of(doc), sentence, words, event, member)
                out.append(mention.model_copy(update={"component": COMPONENT}))
    return out


def _members(t: Tagged, ruled: Sequence[Drug], context: Context) -> list[Drug]:
    """Give the family members that the words of a sentence or the tagger say an anchor is of, of those the abstract names."""
    said = Drug(t.labels["member"])
    return [*ruled, said] if said in context.members and said not in ruled else list(ruled)


def _by_sentence(doc: Doc, tagged: Sequence[Tagged]) -> list[tuple[Sentence, list[Tagged]]]:
    groups: dict[Sentence, list[Tagged]] = {}
    for t in sorted(tagged, key=lambda t: (t.start, t.end)):
        sentence = sentence_at(doc, t.start)
        if sentence and t.end <= sentence.end:
            groups.setdefault(sentence, []).append(t)
    return list(groups.items())
