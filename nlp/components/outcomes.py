"""Outcomes: what happened to which endpoint under the family member, once for each endpoint and contrast."""

import re
from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.context import Context, Control, context_of, drugs_in, is_own, member_of, members_of
from nlp.components.endpoints import same_endpoint, same_words
from nlp.components.figures import Offsets, Result
from nlp.components.numbers import p_values
from nlp.components.phrases import LONGEST, DrugSpan
from nlp.components.results import read_results
from nlp.extensions import Abbreviation, DrugMention, OutcomeMention, Sentence, keep, text_of
from nlp.finding import Drug

COMPONENT = "outcomes"
_GENERAL = re.compile(
    r"(?:\w+(?:-\w+)? )*(?:effects?|efficacy|effective|effectiveness|efficacious|benefits?|properties"
    r"|actions?|activity)"
)


def read_outcomes(
    text: str,
    folded: str,
    sentences: Sequence[Sentence],
    drugs: Sequence[DrugMention],
    short_forms: Sequence[Abbreviation] = (),
) -> list[OutcomeMention]:
    """Read the outcomes of an abstract from its sentences and the drugs named in it."""
    context = context_of(text, folded, sentences, drugs, short_forms)
    if context is None:
        return []
    found: list[OutcomeMention] = []
    for sentence in sentences:
        words = folded[sentence.start : sentence.end]
        inside = drugs_in(sentence, folded, drugs, context.arms)
        if not states_results(sentence, words, inside, context):
            continue
        for result in read_results(words, inside, context.short_forms, context.conditions):
            found.extend(
                mention_of(text, sentence, words, result, member, context)
                for member in members_of(words, result.start, inside, context)
            )
    title = next((s for s in sentences if s.role == "title"), None)
    if title and not found and title.end - title.start <= LONGEST:
        words = folded[title.start : title.end]
        inside = drugs_in(title, folded, drugs, context.arms)
        found = [
            mention_of(text, title, words, result, member_of(words, result.start, inside, context), context)
            for result in read_results(words, inside, context.short_forms, context.conditions)
            if result.direction  # a title names the effect that is studied; only a change is a claim
        ]
    return distinct(folded, sentences, found)


def states_results(sentence: Sentence, words: str, drugs: Sequence[DrugSpan], context: Context) -> bool:
    """Tell whether a sentence may state a result of the family: by its role, and by whom it is about."""
    if sentence.role in ("title", "registration") or len(words) > LONGEST:
        return False
    family = any(d.member for d in drugs)
    if sentence.role in ("aim", "methods"):
        return sentence.label is None and family and bool(p_values(words))
    if sentence.role == "background":
        return context.reviews and family
    if family or sentence.role == "results":
        return True
    return not any(not d.member for d in drugs)


def mention_of(
    text: str, sentence: Sentence, words: str, result: Result, member: Drug, context: Context
) -> OutcomeMention:
    """Make the mention of a result read in a sentence (`words` is the sentence, folded)."""
    base = sentence.start

    def quote(span: Offsets | None) -> str | None:
        return text[base + span[0] : base + span[1]] if span else None

    comparator, comparator_span = _comparator(text, base, result, context)
    spans = {
        "timepoint": result.timepoint,
        "value": result.value,
        "comparator_value": result.comparator_value,
        "ci": result.ci,
        "p_value": (result.p_value.start, result.p_value.end) if result.p_value else None,
    }
    offsets = {name: (base + span[0], base + span[1]) for name, span in spans.items() if span}
    if comparator_span:
        offsets["comparator"] = comparator_span
    return OutcomeMention(
        start=base + result.start,
        end=base + result.end,
        evidence=(sentence.start, sentence.end),
        drug=member,
        component=COMPONENT,
        section=sentence.label,
        own_result=is_own(sentence.role, words),
        spans=offsets,
        direction=result.direction,
        effect=result.effect,
        comparator=comparator,
        timepoint=quote(result.timepoint),
        value=quote(result.value),
        comparator_value=quote(result.comparator_value),
        ci=quote(result.ci),
        p_value=result.p_value.text if result.p_value else None,
    )


def _comparator(text: str, base: int, result: Result, context: Context) -> tuple[str | None, Offsets | None]:
    """Give the comparator as named in the abstract, and its place."""
    contrast, control = result.contrast, context.control
    if contrast and contrast.kind == "baseline":
        return "baseline", None
    if contrast and contrast.name and (contrast.kind == "named" or not control):
        start, end = base + contrast.name[0], base + contrast.name[1]
        arm = context.arms.get(text[start:end].lower())
        start, end = (arm.start, arm.end) if arm else (start, end)
        return text[start:end], (start, end)
    if contrast and control:
        return _named(text, control)
    if result.direction is None or context.reviews:
        return None, None
    return _named(text, control) if control else ("baseline", None)


def _named(text: str, control: Control) -> tuple[str, Offsets]:
    return text[control.start : control.end], (control.start, control.end)


def distinct(
    folded: str, sentences: Sequence[Sentence], found: Sequence[OutcomeMention]
) -> list[OutcomeMention]:
    """Keep one outcome for each endpoint and contrast; a conclusion that repeats a result is dropped."""
    roles = {(s.start, s.end): s.role for s in sentences}
    kept: list[OutcomeMention] = []
    order = sorted(found, key=lambda m: (_is_general(folded, m), roles.get(m.evidence) != "results", m.start))
    for mention in order:
        role = roles.get(mention.evidence)
        # what a conclusion says, or that the drug works, is a finding where no result says more
        if kept and (role == "conclusion" or (_is_general(folded, mention) and mention.direction is None)):
            continue
        if not any(_repeats(folded, mention, earlier, role) for earlier in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


def _is_general(folded: str, mention: OutcomeMention) -> bool:
    """Tell whether an outcome only says that the drug works."""
    return _GENERAL.fullmatch(folded[mention.start : mention.end]) is not None


def _repeats(folded: str, mention: OutcomeMention, earlier: OutcomeMention, role: str | None) -> bool:
    if mention.drug != earlier.drug:
        return False
    a, b = folded[mention.start : mention.end], folded[earlier.start : earlier.end]
    if mention.evidence == earlier.evidence:
        return a == b and mention.direction == earlier.direction
    if role != "results":
        return same_endpoint(a, b)
    if mention.direction != earlier.direction or not same_words(a, b):
        return False
    return mention.comparator == earlier.comparator or None in (mention.comparator, earlier.comparator)


@Language.factory(
    "ketmine_outcomes", requires=["doc._.sentences", "doc._.drugs"], assigns=["doc._.outcomes", "doc.spans"]
)
def create_outcomes(nlp: Language, name: str) -> "Outcomes":
    """Make the component."""
    return Outcomes()


class Outcomes:
    """Write `doc._.outcomes`."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        mentions = read_outcomes(text_of(doc), doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
        keep(doc, "outcomes", mentions)
        return doc
