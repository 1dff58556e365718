"""What the abstract says that one sentence leaves unsaid: which drug, control and disorder."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from nlp.components.arms import Arm, arms_in, read_arms
from nlp.components.phrases import DrugSpan
from nlp.extensions import Abbreviation, DrugMention, Sentence
from nlp.finding import Drug


class Control(NamedTuple):
    """The study's control as the abstract names it."""

    start: int
    end: int
    name: str


class Context(NamedTuple):
    """What holds for every statement of an abstract.

    `main` is the family member that the abstract is about; `generic` the member that the bare word
    ketamine stands for in its results; `control` what the family member is compared with; `reviews`
    whether others' results are its own; `conditions` folded words of what is treated; `short_forms`
    folded short forms and their long forms.
    """

    main: Drug
    generic: Drug
    members: frozenset[Drug]
    control: Control | None
    reviews: bool
    conditions: tuple[str, ...]
    short_forms: dict[str, str]
    arms: dict[str, Arm]


_TREATED = re.compile(
    r"depressi\w+|anxiety|suicid\w+(?: ideation)?|delirium|agitation|pain|shivering|nausea|vomiting"
    r"|post-?traumatic stress|ptsd|psychos[ie]s"
    r"|schizophreni\w+|cognitive \w+|addiction|dependence|alcohol \w+|mania|headache|migraine|catatonia"
    r"|hypotension|sleep \w+|insomnia"
    r"|seizures?|epilep\w+|bipolar|obsess\w+|anhedonia|withdrawal|hyperalgesia|cough|pruritus|emergence"
    r" \w+|fatigue"
)
_REVIEW = re.compile(
    r"\breviews?\b|meta-?analys|overview|\bupdate\b|perspective|state of the art|what do we know|clinical"
    r" (?:uses|applications)"
)
_COMPARED = re.compile(
    r"\b(?:compar\w+|control\w*|placebo\w*|versus|vs\.?|random\w*|cross-?over|superior\w*|group|groups|arm)\b"
)
_SETTING = ("title", "aim", "methods")
_EARLIER = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|recent) (?:\w+ ){0,2}(?:stud(?:y|ies)|research|work|trials?"
    r"|reports?|findings|evidence|literature|data)\b"
    r"|\b(?:has|have) (?:\w+ )?been (?:\w+ )?(?:shown|reported|demonstrated|found|observed|described|known"
    r"|associated|suggested|implicated)\b"
    r"|\bis known to\b|\bit is (?:well )?known\b|\bpreclinical (?:stud|evidence|data)|\banimal (?:stud|model)"
)


def context_of(
    text: str,
    folded: str,
    sentences: Sequence[Sentence],
    drugs: Sequence[DrugMention],
    short_forms: Sequence[Abbreviation],
) -> Context | None:
    """Read the context of an abstract, None when it names no family member."""
    family = [d for d in drugs if d.member]
    if not family:
        return None
    title = next((s for s in sentences if s.role == "title"), None)
    title_text = folded[title.start : title.end] if title else ""
    main = _main(family, title)
    studied = {d.member for d in _in_roles(family, sentences, _SETTING) if d.member}
    named = {d.member for d in _in_roles(family, sentences, ("aim", "methods")) if d.member}
    generic = Drug.KETAMINE
    if named == {Drug.ESKETAMINE} or (named | studied) == {Drug.ESKETAMINE}:
        generic = Drug.ESKETAMINE
    reviews = _REVIEW.search(title_text) is not None or not any(
        s.role in ("methods", "results") for s in sentences
    )
    return Context(
        main=generic if main is Drug.KETAMINE else main,
        generic=generic,
        members=frozenset(d.member for d in family if d.member),
        control=_control(folded, sentences, drugs) if _COMPARED.search(folded) else None,
        reviews=reviews,
        conditions=tuple(dict.fromkeys(m[0] for m in _TREATED.finditer(title_text))),
        short_forms={
            folded[a.start : a.end]: folded[a.long_start : a.long_end]
            for a in short_forms
            if a.end - a.start > 1
        },
        arms=read_arms(folded, sentences, drugs),
    )


def _in_roles(
    drugs: Iterable[DrugMention], sentences: Sequence[Sentence], roles: Sequence[str]
) -> list[DrugMention]:
    spans = [(s.start, s.end) for s in sentences if s.role in roles]
    return [d for d in drugs if any(a <= d.start < b for a, b in spans)]


def _main(family: Sequence[DrugMention], title: Sentence | None) -> Drug:
    in_title = [d.member for d in family if title and title.start <= d.start < title.end]
    counts = [d.member for d in family]
    ranked = in_title or counts
    return next(m for m in ranked if m is not None)


def _control(folded: str, sentences: Sequence[Sentence], drugs: Sequence[DrugMention]) -> Control | None:
    """Choose the control: a placebo, else the drug that title, aim or methods set against ours."""
    others = _in_roles([d for d in drugs if not d.member], sentences, _SETTING)
    if not any(d.kind == "placebo" for d in others):
        others += _in_roles([d for d in drugs if d.kind == "placebo"], sentences, ("results",))
    placebo = next((d for d in others if d.kind == "placebo" and d.name == "placebo"), None)
    placebo = placebo or next((d for d in others if d.kind == "placebo"), None)
    if placebo:
        return Control(placebo.start, placebo.end, placebo.name)
    against = [
        d
        for d in others
        if re.search(
            r"(?:versus|vs\.?|than|compared (?:with|to)|comparison (?:with|to)|or|and|with|control\w*(?:"
            r" group)?\W*) (?:\w+ ){0,2}$",
            folded[max(0, d.start - 40) : d.start],
        )
    ]
    chosen = next((d for d in against if d.name == "midazolam"), None) or (against[0] if against else None)
    return Control(chosen.start, chosen.end, chosen.name) if chosen else None


def _start(drug: DrugMention) -> int:
    return drug.start


def drugs_in(
    sentence: Sentence, folded: str, drugs: Sequence[DrugMention], arms: Mapping[str, Arm]
) -> list[DrugSpan]:
    """Give the drugs and the lettered groups of a sentence, with offsets into it, in order."""
    spans = [
        DrugSpan(d.start - sentence.start, d.end - sentence.start, d.member is not None, d.member or d.name)
        for d in drugs[
            bisect_left(drugs, sentence.start, key=_start) : bisect_left(drugs, sentence.end, key=_start)
        ]
        if d.end <= sentence.end
    ]
    words = folded[sentence.start : sentence.end]
    return sorted([*spans, *arms_in(words, arms, spans)])


_JOINED = re.compile(
    r"(?: \([^)]*\))? ?(?:and|or|/|,|and/or) ?(?:(?:intravenous|intranasal|oral|iv|in|im|racemic|both) )?"
)
_AGAINST = re.compile(
    r"(?:\bthan|versus|vs\.?|compared (?:with|to)|relative to|over|unlike|superior to|inferior to|from)"
    r" (?:[\w-]+ ){0,2}$"
)


def member_of(folded: str, start: int, drugs: Sequence[DrugSpan], context: Context) -> Drug:
    """Say of which family member words are said: the last before them that is not the comparator."""
    members = [d for d in drugs if d.member]
    acting = [d for d in members if not _AGAINST.search(folded[: d.start])] or members
    before = [d for d in acting if d.end <= start]
    chosen = before[-1] if before else acting[0] if acting else None
    member = Drug(chosen.name) if chosen else context.main
    return context.generic if member is Drug.KETAMINE else member


def members_of(folded: str, start: int, drugs: Sequence[DrugSpan], context: Context) -> list[Drug]:
    """Say of which family members words are said: of two, where they are joined, `ketamine and esketamine`."""
    first = member_of(folded, start, drugs, context)
    members = [d for d in drugs if d.member]
    for a, b in pairwise(members):
        if a.name != b.name and _JOINED.fullmatch(folded[a.end : b.start]):
            pair = [Drug(a.name), Drug(b.name)]
            if first in pair:
                return pair
    return [first]


def is_own(role: str, folded: str) -> bool:
    """Tell whether a sentence states this study's own result, and not what others have found."""
    return role not in ("background", "aim") and _EARLIER.search(folded) is None
