"""The arms of a trial by their letters: `group K` is the ketamine group when the methods say so."""

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from nlp.components.phrases import DrugSpan
from nlp.extensions import DrugMention, Sentence


class Arm(NamedTuple):
    """An arm: whether it has the family member, the drug's name, and where that name stands."""

    member: bool
    name: str
    start: int
    end: int


_LABEL = r"(?P<label>[a-z]{1,3}\d?|\d|i{1,3}|iv|[a-z]\+[a-z])"
_GROUP_FIRST = re.compile(rf"\bgroups? {_LABEL}\b(?! (?:and|or|patients were randomly))")
_LABEL_FIRST = re.compile(rf"\b{_LABEL} group\b")
_IN_BRACKETS = re.compile(rf"\((?:group )?{_LABEL}(?: group)?(?=[,;:) ])(?!\)?-)")
_NO_LABEL = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "to",
        "one",
        "two",
        "and",
        "or",
        "no",
        "per",
        "on",
        "by",
        "for",
        "was",
        "is",
        "it",
        "had",
        "at",
        "iv",
        "im",
        "n",
        "ci",
        "sd",
        "se",
        "mg",
        "ug",
        "ml",
        "kg",
        "min",
        "h",
        "d",
    ]
)
_NAMED = re.compile(
    rf"\bgroups? {_LABEL}(?:(?:,| and| or|, and) (?:group )?(?P<next>[a-z]{{1,3}}\d?|\d|i{{1,3}})\b)*"
    rf"|\b(?!(?:in|of|the|to|by|for|and|or|all|two|one|at|vs|per|our|was|is) )(?P<before>[a-z]{{1,3}}\d?)"
    rf" (?:and (?P<second>[a-z]{{1,3}}\d?) )?groups?\b"
)


def read_arms(folded: str, sentences: Sequence[Sentence], drugs: Sequence[DrugMention]) -> dict[str, Arm]:
    """Read which drug each lettered group of an abstract received."""
    arms: dict[str, Arm] = {}
    for sentence in sentences:
        if (
            sentence.role not in ("methods", "aim", "results")
            or "group" not in folded[sentence.start : sentence.end]
        ):
            continue
        inside = [d for d in drugs if sentence.start <= d.start < sentence.end]
        for m in _IN_BRACKETS.finditer(folded, sentence.start, sentence.end):
            label = m["label"]
            if label in _NO_LABEL or not re.search(
                rf"\bgroups? {re.escape(label)}\b|\b{re.escape(label)} groups?\b", folded
            ):
                continue
            before = [d for d in inside if m.start() - 45 < d.end <= m.start()]
            _keep(arms, m["label"], before[-1:])
        labels = [
            m
            for m in _GROUP_FIRST.finditer(folded, sentence.start, sentence.end)
            if m["label"] not in _NO_LABEL and folded[m.start() - 1] != "("
        ]
        for m, following in zip_longest(labels, labels[1:]):
            limit = min(m.end() + 110, following.start() if following else sentence.end)
            received = [d for d in inside if m.end() <= d.start < limit]
            _keep(
                arms,
                m["label"],
                received[:1] if sentence.role == "results" and not _near(folded, m, received) else received,
            )
    return arms


def _near(folded: str, m: re.Match[str], received: Sequence[DrugMention]) -> bool:
    return bool(received) and folded[m.end() : received[0].start].strip() in ("(", "=", ":")


def _keep(arms: dict[str, Arm], label: str, received: Sequence[DrugMention]) -> None:
    if label in arms or not received:
        return
    family = next((d for d in received if d.member), None)
    drug = family or received[0]
    arms[label] = Arm(
        family is not None, (family.member if family and family.member else drug.name), drug.start, drug.end
    )


def arms_in(sentence: str, arms: Mapping[str, Arm], drugs: Sequence[DrugSpan]) -> list[DrugSpan]:
    """Give the lettered groups named in a folded sentence, as the drugs that they received."""
    if not arms or "group" not in sentence:
        return []
    found = []
    for m in _NAMED.finditer(sentence):
        for word in re.finditer(r"[a-z0-9+]+", m[0]):
            arm = arms.get(word[0])
            start, end = m.start() + word.start(), m.start() + word.end()
            if arm and not any(d.start < end and start < d.end for d in drugs):
                found.append(DrugSpan(start, end, arm.member, arm.name))
    return found
