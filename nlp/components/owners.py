"""Whose an amount is: the drug right beside it, else the nearest, else the one that the text goes on about."""

import re
from collections.abc import Sequence
from typing import Any

from spacy.tokens import Doc

from nlp.components.amounts import Amount
from nlp.extensions import DrugMention, Sentence, text_of
from nlp.finding import Drug

_DIRECT_AFTER = re.compile(
    r"\)?(?: of(?: the| [a-z-]{4,})?| body weight| bw)?(?:[ ,](?:iv|i\.v\.|im|i\.m\.|sc|s\.c\.|po|in|intravenous|"
    r"intramuscular|subcutaneous|oral|intranasal"
    r"|epidural|intrathecal|rectal|intraperitoneal|bolus|infusions?|doses?|injections?|body|bodyweight|weight|single|racemic|low|sub(?:an)?a?esthetic|of|the|a|slow"
    r"|continuous|preservative[ -]free|nasal))*[ (]*$"
)
_DIRECT_BEFORE = re.compile(
    r"[ (\[:]*(?:(?:hydrochloride|hcl|infusions?|bolus(?:es)?|injections?|nasal spray|doses?|dosed?|at|a|"
    r"of|iv|i\.v\.|intravenous(?:ly)?"
    r"|intramuscular(?:ly)?|im|i\.m\.|oral(?:ly)?|rate|loading|initial)[ (\[:-]*)*$"
)
# what never owns an amount in milligrams
NO_OWNERS = {"placebo", "procedure"}
# what is given in the same studies, so that a next sentence may go on about it
_GIVEN_BESIDE = {"anaesthetic", "benzodiazepine", "opioid", "local_anaesthetic", "relaxant"}


def owner_of(
    doc: Doc, sentence: Sentence, amount: Amount, drugs: Sequence[DrugMention]
) -> DrugMention | None:
    """Give the drug that an amount belongs to: one of its sentence, else the one that the text goes on about."""
    folded = doc._.folded
    drug = owner(amount, drugs, folded)
    if drug is not None or another_after(text_of(doc), amount) or named_before(amount, folded):
        return drug
    return _earlier_drug(doc, sentence, drugs)


def owner(amount: Amount, drugs: Sequence[DrugMention], folded: str) -> DrugMention | None:
    """Give the drug of the same sentence that an amount belongs to.

    The drug right after (`0.5 mg/kg of intravenous ketamine`) or right before (`ketamine (0.5 mg/kg`), else
    the nearest before, else a family member after.
    """
    owners = [drug for drug in drugs if drug.kind not in NO_OWNERS]
    before = [drug for drug in owners if drug.end <= amount.start]
    after = [drug for drug in owners if drug.start >= amount.end]
    follows = bool(after) and bool(_DIRECT_AFTER.fullmatch(folded, amount.end, after[0].start))
    if before and not (follows and not _direct_before(before[-1], amount, folded)):
        return before[-1]
    if not after or not (follows or after[0].member):
        return None
    return None if not follows and named_before(amount, folded) else after[0]


# words that may stand between a clause's start and an amount in brackets without being a drug's name
_GENERIC = frozenset(
    [
        "dose",
        "doses",
        "dosage",
        "dosages",
        "dosing",
        "low",
        "high",
        "medium",
        "moderate",
        "higher",
        "lower",
        "low-dose",
        "high-dose",
        "single",
        "loading",
        "bolus",
        "boluses",
        "infusion",
        "infusions",
        "injection",
        "injections",
        "group",
        "groups",
        "protocol",
        "regimen",
        "design",
        "level",
        "levels",
        "target",
        "total",
        "range",
        "treatment",
        "treatments",
        "drug",
        "mean",
        "median",
        "initial",
        "starting",
        "fixed",
        "standard",
        "subanesthetic",
        "subanaesthetic",
        "sub-anesthetic",
        "racemic",
        "body",
        "intravenous",
        "intravenously",
        "intranasal",
        "administered",
        "given",
        "received",
        "with",
        "rate",
        "which",
        "therapy",
        "concentration",
        "concentrations",
        "amount",
        "amounts",
        "conditions",
        "condition",
    ]
)
_WORD_BEFORE = re.compile(
    r"(?:^|\n|[.;:,] |\b(?:and|plus|with|or|by|of|to|either|following) )([a-z][\w-]{3,}) \($"
)


def named_before(amount: Amount, folded: str) -> bool:
    """Say whether a word that no table knows stands right before an amount in brackets: `Zolafen (2 mg)`."""
    word = _WORD_BEFORE.search(folded, max(0, amount.start - 40), amount.start)
    return word is not None and word[1].rstrip("-") not in _GENERIC


AND = re.compile(r"\)?,? ?(?:,|and|plus|or|/|\+|-|with|&)? ?\(?")


def parallel_owners(
    amounts: Sequence[Amount], drugs: Sequence[DrugMention], folded: str
) -> dict[Amount, DrugMention]:
    """Give the owners in lists that run side by side: `medetomidine and ketamine (15 ug/kg and 2 mg/kg)`."""
    owned: dict[Amount, DrugMention] = {}
    for names in _runs(drugs, folded):
        behind = [run for run in _runs(amounts, folded) if 0 <= run[0].start - names[-1].end < 30]
        ahead = [run for run in _runs(amounts, folded) if 0 <= names[0].start - run[-1].end < 30]
        respectively = folded.startswith("respectively", names[-1].end + 2)
        for run in behind + (ahead if respectively else []):
            if len(run) == len(names) and len({name.name for name in names}) == len(names):
                owned.update(zip(run, names, strict=True))
    return owned


def _runs(spots: Sequence[Any], folded: str) -> list[list[Any]]:
    """Give the stretches of two or more mentions that only a comma or an `and` parts."""
    runs: list[list[Any]] = []
    for spot in spots:
        if runs and AND.fullmatch(folded, runs[-1][-1].end, spot.start):
            runs[-1].append(spot)
        else:
            runs.append([spot])
    return [run for run in runs if len(run) > 1]


def _direct_before(drug: DrugMention, amount: Amount, folded: str) -> bool:
    return bool(_DIRECT_BEFORE.fullmatch(folded, drug.end, amount.start))


def _earlier_drug(doc: Doc, sentence: Sentence, drugs: Sequence[DrugMention]) -> DrugMention | None:
    """Give the drug that a sentence without an owner goes on about."""
    earlier = [m for m in doc._.drugs if m.end <= sentence.start and m.kind not in NO_OWNERS]
    family = [m for m in earlier if m.member]
    if not family or (family[0].start >= doc._.sections[0].end and len(family) < len(earlier)):
        return None
    family = [m for m in family if m.member not in _METABOLITES] or family
    before = [s for s in doc._.sentences if s.end <= sentence.start]
    recent = [m for m in earlier if before and m.start >= before[-1].start]
    if recent and not any(m.member for m in recent) and not drugs and recent[-1].kind in _GIVEN_BESIDE:
        return recent[-1]
    return family[-1] if family else None


_METABOLITES = frozenset({Drug.NORKETAMINE, Drug.HYDROXYNORKETAMINE})
# `320 mg/d POMA`: a name in capitals right after an amount, which no table knows
_CAPITALS = re.compile(
    r"\)? (?:of )?(?!(?:IV|IM|IP|SC|PO|IN|BW|CRI|LD|BID|TID|QD|OD|PCA|RESULTS|METHODS)\b)[A-Z]{2,}[\w-]*"
)


def another_after(text: str, amount: Amount) -> bool:
    return bool(_CAPITALS.match(text, amount.end))
