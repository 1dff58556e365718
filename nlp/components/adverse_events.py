"""Adverse events: each distinct unwanted effect of a family member once, where most is told of it."""

import re
from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.context import context_of, drugs_in, is_own, members_of
from nlp.components.events import Event
from nlp.components.phrases import LONGEST
from nlp.components.unwanted import read_events
from nlp.extensions import Abbreviation, AdverseEventMention, DrugMention, Sentence, keep, text_of
from nlp.finding import Assertion, Drug

COMPONENT = "adverse_events"
_RANK = {"results": 0, "conclusion": 1, "title": 3}
# names of one effect: the pattern, and whether the assertion keeps two mentions apart
_SAME = [
    (re.compile(r"dissociat|dereal|depersonal"), "dissociation"),
    (re.compile(r"hallucinat"), "hallucination"),
    (re.compile(r"psychoto?-?mimetic"), "psychotomimetic"),
    (re.compile(r"adverse|side.?effect|\b\w*aes?$|untoward"), "composite"),
]


def read_adverse_events(
    text: str,
    folded: str,
    sentences: Sequence[Sentence],
    drugs: Sequence[DrugMention],
    short_forms: Sequence[Abbreviation] = (),
) -> list[AdverseEventMention]:
    """Read the adverse events of an abstract from its sentences and the drugs named in it."""
    context = context_of(text, folded, sentences, drugs, short_forms)
    if context is None:
        return []
    best: dict[tuple[object, ...], tuple[tuple[int, bool, int], AdverseEventMention]] = {}
    before = False
    for sentence in sentences:
        if sentence.role in ("registration", "title") or sentence.end - sentence.start > LONGEST:
            continue
        if sentence.role in ("aim", "methods") and sentence.label is not None:
            continue
        words = folded[sentence.start : sentence.end]
        inside = drugs_in(sentence, folded, drugs, context.arms)
        family = any(d.member for d in inside)
        # in the background, `Its effects are …` goes on about the drug of the sentence before
        told = family or (before and not inside) or sentence.role != "background"
        before = family
        if not told:
            continue
        spans = [(d.start, d.end, d.member) for d in inside]
        for event in read_events(words, context.conditions, spans):
            if not _is_told(event, sentence.role):
                continue
            for member in members_of(words, event.start, inside, context):
                mention = mention_of(text, sentence, words, event, member)
                rank = (_RANK.get(sentence.role, 2), event.rate is None, mention.start)
                key = _key(folded, mention, event)
                if key not in best or rank < best[key][0]:
                    best[key] = (rank, mention)
    own = {key[:2] for key, (rank, _) in best.items() if rank[0] == 0}
    return sorted(
        # a conclusion or the background says again what a result has said, if with another assertion
        (mention for key, (rank, mention) in best.items() if rank[0] == 0 or key[:2] not in own),
        key=lambda m: m.start,
    )


def _is_told(event: Event, role: str) -> bool:
    """Leave out what a conclusion repeats, and what background says of side effects in general."""
    if role in ("aim", "methods"):
        stated = event.rate is not None or event.assertion is Assertion.ABSENT
        return stated or event.use in ("event", "tolerability")
    if role == "conclusion":
        return event.assertion is not Assertion.PRESENT
    if event.use != "composite":
        return True
    return role != "background" or event.assertion is not Assertion.ABSENT


def mention_of(text: str, sentence: Sentence, words: str, event: Event, member: Drug) -> AdverseEventMention:
    """Make the mention of an effect read in a sentence (`words` is the sentence, folded)."""
    base = sentence.start
    rate = (base + event.rate[0], base + event.rate[1]) if event.rate else None
    return AdverseEventMention(
        start=base + event.start,
        end=base + event.end,
        evidence=(sentence.start, sentence.end),
        drug=member,
        component=COMPONENT,
        section=sentence.label,
        own_result=is_own(sentence.role, words),
        spans={"rate": rate} if rate else {},
        assertion=event.assertion,
        comparison=event.comparison,
        rate=text[rate[0] : rate[1]] if rate else None,
        transient=event.transient,
        serious=event.serious,
    )


def _key(folded: str, mention: AdverseEventMention, event: Event) -> tuple[object, ...]:
    """Give what makes an effect distinct: drug, concept, and for all but `well tolerated` the assertion."""
    words = folded[mention.start : mention.end]
    if event.use == "tolerability":
        return mention.drug, "tolerability"
    name = next((name for pattern, name in _SAME if pattern.search(words)), words.removesuffix("s"))
    serious = mention.serious if name == "composite" else False
    return mention.drug, name, serious, mention.assertion


@Language.factory(
    "ketmine_adverse_events",
    requires=["doc._.sentences", "doc._.drugs"],
    assigns=["doc._.adverse_events", "doc.spans"],
)
def create_adverse_events(nlp: Language, name: str) -> "AdverseEvents":
    """Make the component."""
    return AdverseEvents()


class AdverseEvents:
    """Write `doc._.adverse_events`."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        mentions = read_adverse_events(
            text_of(doc), doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms
        )
        keep(doc, "adverse_events", mentions)
        return doc
