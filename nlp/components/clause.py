"""A sentence as a clause of words and noun phrases: denials, subjects and lists followed to their end."""

from collections.abc import Mapping, Sequence

from nlp.components.endpoints import Endpoint, classify
from nlp.components.phrases import NO_ENDPOINT, Phrase, Word

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
BOUNDARY = ("stop", "break", "relative")
_SAID = ("change", "touch", "verb", "auxiliary", "amount", "comparative", "same", "either")


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
            w.kind == "noun" and len(w.text) > 2 and w.text not in NO_ENDPOINT
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
        while begin >= 0 and clause.kind(begin) not in BOUNDARY and clause.kind(begin) not in _SAID:
            begin -= 1
        subject = _subject(clause, begin + 1, j)
        if subject or begin < 0 or clause.kind(begin) in BOUNDARY:
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


def about(clause: Clause, i: int) -> int | None:
    """Give the index after the preposition that introduces what a noun of change is about."""
    limit = min(len(clause.words), i + 16)
    while i < limit:
        word = clause.words[i]
        if word.kind in BOUNDARY or word.kind == "comma":
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
