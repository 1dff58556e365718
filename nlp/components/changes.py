"""What a sentence says happened to which endpoint: change words bound to their noun phrases.

`Symptoms were reduced` binds to the left, `reduced symptoms` to the right, `reduction in symptoms` to the
right of its preposition, `no difference between groups in pain` past the groups; lists are followed to
their end.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from nlp.components.clause import BOUNDARY, Clause, about, left_list, negated, right_list
from nlp.components.endpoints import direction_of
from nlp.components.phrases import Phrase, Word
from nlp.finding import Direction


class Change(NamedTuple):
    """An endpoint, what is said to happen to it, and the offsets of the word that says so."""

    start: int
    end: int
    direction: Direction | None
    cue: tuple[int, int]
    kind: str


_BE = frozenset(
    ("is", "are", "was", "were", "be", "been", "being", "remained", "remain", "remains", "became", "appeared")
)
_FAVOURS = re.compile(r"\bfavou?r(?:ed|ing|s)?\b|in favou?r of")
_CLEAR = re.compile(r"\b(?:significant|positive|beneficial|robust|superior|confirmed|large|strong|main)\b")


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
    while j < len(clause.words) and clause.kind(j) not in (*BOUNDARY, "comma"):
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
    after = about(clause, i + 1)
    if after is not None:
        phrases = right_list(clause, after, strict=True, nominal=True)
        if phrases:
            return phrases
    before = clause.by_last.get(i - 1)
    if before and clause.is_endpoint(before):
        return [before]
    return left_list(clause, i) if clause.kind(i - 1) != "preposition" else []


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
    if text in ("more", "less") and clause.text(i + 1) == "likely":
        return _likely(clause, i + 2)
    phrase = clause.by_first.get(following)
    if clause.text(before) in _BE and not (phrase and clause.text(before - 1) in ("there",)):
        subject = left_list(clause, i)
        if subject:
            return subject
    if phrase and clause.is_endpoint(phrase):
        return right_list(clause, following, strict=True, nominal=True)
    if text in ("superior", "inferior", "better", "worse") or phrase:
        after = about(clause, i + 1)
        return right_list(clause, after, strict=True, nominal=True) if after is not None else []
    return left_list(clause, i) if text not in ("more", "less") else []


def _likely(clause: Clause, i: int) -> list[Phrase]:
    """Give what is likely, `to respond`, `to be intubated`, `to achieve remission`."""
    limit = min(len(clause.words), i + 7)
    while i < limit and clause.kind(i) not in (*BOUNDARY, "comma"):
        word = clause.words[i]
        phrase = clause.by_first.get(i) or Phrase(word.start, word.end, i, i)
        if clause.is_endpoint(phrase):
            return [phrase]
        i += 1
    return []


def _of_same(clause: Clause, i: int) -> list[Phrase]:
    text = clause.text(i)
    phrase = clause.by_first.get(i + 1)
    if text in ("similar", "comparable", "equivalent", "equal") and phrase and clause.is_endpoint(phrase):
        return right_list(clause, i + 1, strict=True, nominal=True)
    if text in ("difference", "differences"):
        after = about(clause, i + 1)
        if after is not None:
            return right_list(clause, after, strict=True, nominal=True)
        before = clause.by_last.get(i - 1)
        return [before] if before and clause.is_endpoint(before) else left_list(clause, i)
    subject = left_list(clause, i)
    if subject:
        return subject
    after = about(clause, i + 1)
    return right_list(clause, after, strict=True, nominal=True) if after is not None else []


def _of_touch(clause: Clause, i: int) -> list[Phrase]:
    text = clause.text(i)
    if text in ("change", "changes", "effect", "effects", "influence", "impact"):
        after = about(clause, i + 1)
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
