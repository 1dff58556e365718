"""What a sentence says happened to which endpoint: change words bound to their noun phrases.

`Symptoms were reduced` binds to the left, `reduced symptoms` to the right, `reduction in symptoms` to the
right of its preposition, `no difference between groups in pain` past the groups; lists are followed to
their end.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nlp.components.endpoints import Endpoint, classify, direction_of
from nlp.components.phrases import Phrase, Word
from nlp.finding import Direction


class Change(NamedTuple):
    """An endpoint, what is said to happen to it, and the offsets of the word that says so."""

    start: int
    end: int
    direction: Direction | None
    cue: tuple[int, int]
    kind: str


_NO_ENDPOINT = frozenset(
    [
        "significant",
        "significantly",
        "depressed",
        "bipolar",
        "techniques",
        "technique",
        "age",
        "sex",
        "gender",
        "weight",
        "asa",
        "demographic",
        "demographics",
        "characteristics",
        "clinical",
        "major",
        "disorder",
        "disorders",
        "trd",
        "mdd",
        "responders",
        "nonresponders",
        "non-responders",
        "baseline",
        "effect",
        "intravenous",
        "subanesthetic",
        "repeated",
        "nasal",
        "spray",
        "single",
        "standard",
        "care",
        "proportion",
        "receptors",
        "receptor",
        "antagonist",
        "antagonists",
        "agents",
        "agent",
        "potential",
        "need",
        "role",
        "clinicians",
        "anaesthesia",
        "anesthesia",
        "surgery",
        "interval",
        "duration",
        "end",
        "placebo-controlled",
        "time",
        "point",
        "points",
        "p-value",
        "two",
        "three",
        "four",
        "five",
        "one",
        "several",
        "many",
        "first",
        "second",
        "third",
        "mg/kg",
        "same",
        "different",
        "addition",
        "statistical",
        "statistically",
        "relative",
        "compared",
        "terms",
        "respect",
        "regard",
        "order",
        "nmda",
        "glutamate",
        "use",
        "user",
        "users",
        "reports",
        "report",
        "reported",
        "events",
        "life",
        "mechanism",
        "mechanisms",
        "model",
        "models",
        "test",
        "tests",
        "measure",
        "measures",
        "measured",
        "sample",
    ]
)
_NEGATORS = frozenset(
    ("no", "not", "neither", "nor", "without", "failed", "fail", "never", "none", "cannot", "lack")
)
_THROUGH = (
    "adverb",
    "auxiliary",
    "determiner",
    "negator",
    "conjunction",
    "verb",
    "comparative",
    "time",
    "bracket",
)
_ABOUT = frozenset(("in", "of", "for", "on", "regarding", "concerning", "to", "at", "with"))
_BE = frozenset(
    ("is", "are", "was", "were", "be", "been", "being", "remained", "remain", "remains", "became", "appeared")
)
_BOUNDARY = ("stop", "break", "relative")
_SAID = ("change", "touch", "verb", "auxiliary", "amount", "comparative", "same", "either")
_GROUPS = frozenset(("group", "family", "other", "determiner", "number", "stopnoun"))


_FAVOURS = re.compile(r"\bfavou?r(?:ed|ing|s)?\b|in favou?r of")
_CLEAR = re.compile(r"\b(?:significant|positive|beneficial|robust|superior|confirmed|large|strong|main)\b")


class Clause:
    """The words of a sentence with its noun phrases looked up by their first and last word."""

    def __init__(
        self,
        sentence: str,
        words: Sequence[Word],
        phrases: Sequence[Phrase],
        short_forms: Mapping[str, str] | None = None,
    ) -> None:
        """Take the words and phrases, and the abstract's short forms with their long forms."""
        self.sentence, self.words, self.phrases = sentence, words, phrases
        self.short_forms = short_forms or {}
        self.by_first = {p.first: p for p in phrases}
        self.by_last = {p.last: p for p in phrases}

    def kind(self, i: int) -> str:
        """Give the class of word i, empty outside the sentence."""
        return self.words[i].kind if 0 <= i < len(self.words) else ""

    def text(self, i: int) -> str:
        """Give word i, empty outside the sentence."""
        return self.words[i].text if 0 <= i < len(self.words) else ""

    def is_endpoint(self, phrase: Phrase) -> bool:
        """Tell whether the words of a phrase name an endpoint."""
        return self.endpoint(phrase.start, phrase.end) is not None

    def may_be_endpoint(self, phrase: Phrase) -> bool:
        """Tell whether a phrase beside endpoints in a list can be one: by what it is not."""
        return self.is_endpoint(phrase) or any(
            w.kind == "noun" and len(w.text) > 2 and w.text not in _NO_ENDPOINT
            for w in self.words[phrase.first : phrase.last + 1]
        )

    def endpoint(self, start: int, end: int) -> Endpoint | None:
        """Say what endpoint some words name, with short forms read as their long forms."""
        words = self.sentence[start:end]
        longer = [self.short_forms[w] for w in words.split() if w in self.short_forms]
        return (classify(" ".join(longer)) if longer else None) or classify(words)


def negated(clause: Clause, i: int, reach: int = 7) -> bool:
    """Tell whether word i is denied by a word in its verb group or before its noun."""
    for j in range(i - 1, max(-1, i - 1 - reach), -1):
        word = clause.words[j]
        if word.text in _NEGATORS:
            return True
        if word.kind not in _THROUGH and word.text not in (
            "significant",
            "statistically",
            "meaningful",
            "between-group",
            "evidence",
            "of",
            "cases",
            "with",
            "there",
            "group",
            "to",
            "clinically",
            "relevant",
            "marked",
            "clear",
            "major",
        ):
            return False
    return False


def right_list(clause: Clause, i: int, *, strict: bool, nominal: bool = False) -> list[Phrase]:
    """Follow the list of noun phrases that begins at word i; `strict` keeps endpoints alone."""
    found: list[Phrase] = []
    while i < len(clause.words):
        word = clause.words[i]
        phrase = clause.by_first.get(i)
        if phrase:
            found.append(phrase)
            i = phrase.last + 1
        elif word.kind in ("determiner", "adverb", "bracket", "mark", "time", "number") or (
            found and word.kind in ("touch", "amount", "either") and found[-1].last == i - 1
        ):
            i += 1
        elif word.kind in ("comma", "conjunction") or (word.text in ("as", "plus") and found):
            follows = _next_phrase(clause, i + 1, nominal)
            if follows is None:
                break
            i = follows
        elif word.kind == "preposition" and found:
            end = _skip_attached(clause, i)
            if end is None:
                break
            i = end
        else:
            break
    return _listed(clause, found, strict)


def _listed(clause: Clause, found: list[Phrase], strict: bool) -> list[Phrase]:
    if strict and not any(clause.is_endpoint(p) for p in found):
        return []
    return [p for p in found if clause.may_be_endpoint(p)]


def _next_phrase(clause: Clause, i: int, nominal: bool) -> int | None:
    """Give the index at which the next member of a list begins, None at another clause."""
    while clause.kind(i) in ("determiner", "adverb", "conjunction", "comma") or clause.text(i) in (
        "as",
        "well",
        "in",
    ):
        i += 1
    phrase = clause.by_first.get(i)
    if phrase is None:
        return None
    after = phrase.last + 1
    while clause.kind(after) in ("adverb", "bracket", "time"):
        after += 1
    if nominal:
        return i
    # a noun phrase that has its own verb begins a clause, not a list member
    if clause.kind(after) in ("auxiliary", "verb") or (
        clause.kind(after) in ("change",) and clause.text(after).endswith("ed")
    ):
        return None
    return i


def _skip_attached(clause: Clause, i: int) -> int | None:
    """Pass a prepositional phrase of time or place; None at people or drugs, which end the list."""
    j = i + 1
    timed = False
    while clause.kind(j) in (
        "determiner",
        "number",
        "time",
        "noun",
        "stopnoun",
        "bracket",
        "preposition",
        "group",
        "family",
        "other",
        "adverb",
    ):
        if clause.kind(j) in ("group", "family", "other"):
            return None
        timed = timed or clause.kind(j) == "time"
        j += 1
    return j if clause.kind(j) in ("comma", "conjunction") else None


def left_list(clause: Clause, i: int) -> list[Phrase]:
    """Give the endpoints that are the subject of the verb group in which word i stands."""
    j = i - 1
    while j >= 0 and (
        clause.kind(j) in ("adverb", "auxiliary", "negator", "verb", "bracket", "time")
        or clause.text(j) in ("no", "to", "both", "all", "significant")
    ):
        j -= 1
    for _ in range(2):
        begin = j
        while begin >= 0 and clause.kind(begin) not in _BOUNDARY and clause.kind(begin) not in _SAID:
            begin -= 1
        subject = _subject(clause, begin + 1, j)
        if subject or begin < 0 or clause.kind(begin) in _BOUNDARY:
            return subject
        j = begin - 1
        while j >= 0 and clause.kind(j) in _SAID:
            j -= 1
    return []


def _subject(clause: Clause, first: int, last: int) -> list[Phrase]:
    """Give the endpoint phrases between two words that stand behind no preposition."""
    found: list[Phrase] = []
    inside = False  # in a prepositional phrase
    i = first
    # `changes in pain were`: what stands behind the preposition is the subject
    if clause.kind(i - 1) in ("touch", "amount", "either") and clause.text(i) in ("in", "of"):
        i += 1
    while i <= last:
        phrase = clause.by_first.get(i)
        word = clause.words[i]
        if phrase:
            if not inside and clause.is_endpoint(phrase):
                found.append(phrase)
            i = phrase.last + 1
            continue
        if word.kind == "preposition":
            inside = word.text not in ("than", "as", "including")
        elif word.kind in ("comma", "time") or (word.kind == "conjunction" and not (inside and not found)):
            inside = False
        i += 1
    return found


def find_changes(clause: Clause) -> list[Change]:
    """Bind every change word of a sentence to its endpoints."""
    found: list[Change] = []
    for i, word in enumerate(clause.words):
        if word.kind in ("change", "amount", "either", "comparative", "same", "touch"):
            found.extend(_bind(clause, i, word))
    return _one_each(found)


def _bind(clause: Clause, i: int, word: Word) -> list[Change]:
    kind = word.kind
    if kind == "either":
        kind = "amount" if _is_noun(clause, i) else "change"
    phrases, denied = [], negated(clause, i)
    if kind == "change":
        phrases = _of_verb(clause, i)
    elif kind == "amount":
        phrases = _of_noun(clause, i)
        compound = clause.by_last.get(i - 1)
        denied = denied or (compound is not None and negated(clause, compound.first)) or _not_seen(clause, i)
    elif kind == "comparative":
        phrases = _of_comparative(clause, i)
    elif kind == "same":
        needs_no = word.text.startswith("differ")
        favours = needs_no and not denied and _FAVOURS.search(clause.sentence) is not None
        if denied != needs_no and not favours:
            return []
        phrases, denied = _of_same(clause, i), not favours
        word = word._replace(direction="better") if favours else word
    elif kind == "touch":
        phrases = _of_touch(clause, i) if denied else _of_effect(clause, i)
    change = _without_direction(clause, word, phrases)
    if kind == "touch" and not denied:
        change = "better"
    out = []
    for p in phrases:
        endpoint = clause.endpoint(p.start, p.end)
        polarity = endpoint.polarity if endpoint else "0"
        direction = Direction.NO_DIFFERENCE if denied else direction_of(change, polarity)
        out.append(Change(p.start, p.end, direction, (word.start, word.end), kind))
    return out


def _without_direction(clause: Clause, word: Word, phrases: Sequence[Phrase]) -> str | None:
    """Give the direction of a comparative: `greater changes` and `superior changes` are better, not more."""
    if word.kind == "comparative" and phrases and word.direction == "increased":
        before = [clause.text(j) for j in range(phrases[0].first - 3, phrases[0].first)]
        if "change" in before or "changes" in before:
            return "better"
    return word.direction


def _of_effect(clause: Clause, i: int) -> list[Phrase]:
    """Give what a drug has an effect on, where the effect is said to be there."""
    if clause.text(i) not in ("effect", "effects", "impact") or not _CLEAR.search(clause.sentence):
        return []
    for j in range(i + 1, min(len(clause.words), i + 5)):
        if clause.text(j) == "on":
            k = j + 1
            while clause.kind(k) in ("determiner", "adverb", "bracket"):
                k += 1
            found = right_list(clause, k, strict=True, nominal=True)
            return [p for p in found if (e := clause.endpoint(p.start, p.end)) and e.polarity != "0"]
    return []


def _not_seen(clause: Clause, i: int) -> bool:
    """Tell whether what word i names is said not to have been observed."""
    j = i + 1
    while j < len(clause.words) and clause.kind(j) not in (*_BOUNDARY, "comma"):
        if clause.text(j) == "not" and clause.kind(j - 1) == "auxiliary":
            return clause.text(j + 1) in (
                "observed",
                "seen",
                "found",
                "noted",
                "detected",
                "significant",
                "statistically",
                "apparent",
            )
        j += 1
    return False


def _is_noun(clause: Clause, i: int) -> bool:
    return (
        clause.text(i + 1) in ("in", "of", "from")
        or clause.kind(i - 1) in ("determiner", "comparative", "preposition")
        or (
            clause.text(i - 1)
            in (
                "significant",
                "marked",
                "rapid",
                "dose-dependent",
                "mean",
                "transient",
                "robust",
                "sustained",
            )
        )
    )


def _of_verb(clause: Clause, i: int) -> list[Phrase]:
    text = clause.text(i)
    after = i + 1
    while clause.kind(after) in ("adverb", "determiner"):
        after += 1
    object_follows = after in clause.by_first
    if text.endswith(("ed", "t", "n", "ell")) or text in ("fell", "fallen", "rose", "risen"):
        before = i - 1
        while clause.kind(before) in ("adverb", "negator"):
            before -= 1
        if clause.text(before) in _BE:
            return left_list(clause, i)
        if object_follows:
            return right_list(clause, i + 1, strict=clause.kind(before) not in ("family",))
        return left_list(clause, i)
    if object_follows:
        return right_list(clause, i + 1, strict=clause.kind(i - 1) not in ("family",))
    return left_list(clause, i)


def _of_noun(clause: Clause, i: int) -> list[Phrase]:
    after = _about(clause, i + 1)
    if after is not None:
        phrases = right_list(clause, after, strict=True, nominal=True)
        if phrases:
            return phrases
    before = clause.by_last.get(i - 1)
    if before and clause.is_endpoint(before):
        return [before]
    return left_list(clause, i) if clause.kind(i - 1) != "preposition" else []


def _about(clause: Clause, i: int) -> int | None:
    """Give the index after the preposition that introduces what a noun of change is about."""
    limit = min(len(clause.words), i + 16)
    while i < limit:
        word = clause.words[i]
        if word.kind in _BOUNDARY or word.kind == "comma":
            return None
        if word.text in _ABOUT:
            j = i + 1
            while clause.kind(j) in ("determiner", "adverb", "comparative") or clause.text(j) in (
                "terms",
                "of",
                "respect",
                "regard",
                "to",
            ):
                j += 1
            if j in clause.by_first and right_list(clause, j, strict=True, nominal=True):
                return j
        i += 1
    return None


def _of_comparative(clause: Clause, i: int) -> list[Phrase]:
    text = clause.text(i)
    before = i - 1
    while clause.kind(before) in ("adverb", "negator"):
        before -= 1
    following = i + 1
    while clause.kind(following) == "adverb":
        following += 1
    if clause.kind(following) in ("amount", "either", "change") and clause.text(following) not in (
        "reduced",
        "increased",
    ):
        return []  # `greater reduction in`: the noun speaks
    phrase = clause.by_first.get(following)
    if clause.text(before) in _BE and not (phrase and clause.text(before - 1) in ("there",)):
        subject = left_list(clause, i)
        if subject:
            return subject
    if phrase and clause.is_endpoint(phrase):
        return right_list(clause, following, strict=True, nominal=True)
    if text in ("superior", "inferior", "better", "worse") or phrase:
        after = _about(clause, i + 1)
        return right_list(clause, after, strict=True, nominal=True) if after is not None else []
    return left_list(clause, i) if text not in ("more", "less") else []


def _of_same(clause: Clause, i: int) -> list[Phrase]:
    text = clause.text(i)
    phrase = clause.by_first.get(i + 1)
    if text in ("similar", "comparable", "equivalent", "equal") and phrase and clause.is_endpoint(phrase):
        return right_list(clause, i + 1, strict=True, nominal=True)
    if text in ("difference", "differences"):
        after = _about(clause, i + 1)
        if after is not None:
            return right_list(clause, after, strict=True, nominal=True)
        before = clause.by_last.get(i - 1)
        return [before] if before and clause.is_endpoint(before) else left_list(clause, i)
    subject = left_list(clause, i)
    if subject:
        return subject
    after = _about(clause, i + 1)
    return right_list(clause, after, strict=True, nominal=True) if after is not None else []


def _of_touch(clause: Clause, i: int) -> list[Phrase]:
    text = clause.text(i)
    if text in ("change", "changes", "effect", "effects", "influence", "impact"):
        after = _about(clause, i + 1)
        if after is not None:
            return right_list(clause, after, strict=True, nominal=True)
        before = clause.by_last.get(i - 1)
        if before and clause.is_endpoint(before):
            return [before]
        return left_list(clause, i) if text == "change" else []
    after = i + 1
    while clause.kind(after) in ("adverb", "determiner"):
        after += 1
    if after in clause.by_first:
        return right_list(clause, after, strict=True, nominal=True)
    return left_list(clause, i)


def _one_each(found: list[Change]) -> list[Change]:
    """Keep one change for each endpoint: that of the nearest cue."""
    best: dict[tuple[int, int], Change] = {}
    for change in found:
        key = (change.start, change.end)
        other = best.get(key)
        if other is None or _distance(change) < _distance(other):
            best[key] = change
    return sorted(best.values())


def _distance(change: Change) -> int:
    return min(abs(change.cue[0] - change.end), abs(change.start - change.cue[1]))
