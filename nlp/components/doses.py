"""Doses of the ketamine family: amounts given to a drug by the words around them, with how they were given."""

import re
from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.amounts import Amount, find_amounts
from nlp.components.regimen import Routes, find_infusions, find_schedules
from nlp.extensions import DoseMention, DrugMention, Sentence, keep
from nlp.finding import Drug, Offsets, Route
from nlp.vocabulary import Row

_MASS_UNIT = re.compile(r"(?:mg|ug|ng|g|mmol|umol|nmol)(?:/(?:kg|h|min|day|70kg|g|week|dose|s))*$")
_LEVEL_UNIT = re.compile(r"(?:ng|ug)/ml$")
_TARGET = re.compile(r"\b(?:target|steady[ -]state|plasma (?:level|concentration)s? of|tci|doses?|infusion)\b")
_NOT_A_DOSE = re.compile(
    r"(?:\bmax(?:imum|imal|\.)?(?: (?:single |total |daily )?(?:dose|of|dosage))?(?: of| was| is)?:? ?|\bnot (?:to )?exceed(?:ing)? "
    r"|± ?(?:sd )?|(?:^|[\s(])[-−]|\bci,? ?:?(?: of)?(?: -?[\d.]+(?: to |-|, ))?|\bsd(?: of)?[ =:]+|(?:mean|weighted mean) difference[^.;]{0,12})$"
)
_AFTER_NOT_A_DOSE = re.compile(r" ?(?:±|\+/-)")
_DIRECT_AFTER = re.compile(
    r"(?: of(?: the)?| body weight| bw)?(?:[ ,](?:iv|i\.v\.|im|i\.m\.|sc|s\.c\.|po|in|intravenous|intramuscular|subcutaneous|oral|intranasal"
    r"|epidural|intrathecal|rectal|intraperitoneal|bolus|infusions?|doses?|injections?|single|racemic|low|sub(?:an)?a?esthetic|of|the|a|slow"
    r"|continuous|preservative[ -]free))*[ (]*$"
)
_DIRECT_BEFORE = re.compile(
    r"[ (\[:,]*(?:(?:hydrochloride|hcl|infusions?|bolus(?:es)?|injections?|nasal spray|doses?|dosed?|was|were|given|administered|at|a|an|the|of|in|iv|i\.v\."
    r"|intravenous(?:ly)?|intramuscular(?:ly)?|im|i\.m\.|oral(?:ly)?|rate|dosage|group|treatment|alone|either|loading|initial|low|high|using|with"
    r"|single|subanesthetic|sub-anesthetic|range|total|fixed|flexible|i\.e\.)[ (\[:,-]*)*$"
)
# what never owns an amount in milligrams
_NO_OWNERS = {"placebo", "procedure"}


def owner(amount: Amount, drugs: Sequence[DrugMention], folded: str) -> DrugMention | None:
    """Give the drug of the same sentence that an amount belongs to.

    The drug right after (`0.5 mg/kg of intravenous ketamine`) or right before (`ketamine (0.5 mg/kg`), else the
    nearest before, else the nearest after.
    """
    owners = [drug for drug in drugs if drug.kind not in _NO_OWNERS]
    before = [drug for drug in owners if drug.end <= amount.start]
    after = [drug for drug in owners if drug.start >= amount.end]
    follows = bool(after) and bool(_DIRECT_AFTER.fullmatch(folded, amount.end, after[0].start))
    if before and not (follows and _direct_before(before[-1], amount, folded) is False):
        return before[-1]
    return after[0] if after else None


def _direct_before(drug: DrugMention, amount: Amount, folded: str) -> bool:
    return bool(_DIRECT_BEFORE.fullmatch(folded, drug.end, amount.start))


def is_dose(amount: Amount, folded: str, sentence: Sentence) -> bool:
    """Say whether an amount can be a dose: its unit, and no maximum, deviation, change or interval before it."""
    if _LEVEL_UNIT.match(amount.unit):
        if not _TARGET.search(folded, sentence.start, sentence.end) or sentence.role == "results":
            return False
    elif not _MASS_UNIT.match(amount.unit):
        return False
    if _NOT_A_DOSE.search(folded[max(sentence.start, amount.start - 50) : amount.start]):
        return False
    return not _AFTER_NOT_A_DOSE.match(folded, amount.end)


class Doses:
    """Write `doc._.doses`."""

    def __init__(self, routes: Routes) -> None:
        """Take the table of routes."""
        self.routes = routes

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        found: list[DoseMention] = []
        for sentence in doc._.sentences:
            found.extend(self.in_sentence(doc, sentence))
        keep(doc, "doses", merge_repeated(with_document_route(found, doc, self.routes)))
        return doc

    def in_sentence(self, doc: Doc, sentence: Sentence) -> list[DoseMention]:
        """Give the doses of one sentence."""
        folded = doc._.folded
        amounts = find_amounts(folded, sentence.start, sentence.end)
        if not amounts:
            return []
        drugs = [m for m in doc._.drugs if sentence.start <= m.start < sentence.end]
        found = []
        for amount in amounts:
            drug = owner(amount, drugs, folded) or _earlier_drug(doc, sentence, drugs)
            if drug is not None and drug.member and is_dose(amount, folded, sentence):
                found.append(self.dose(doc, sentence, amount, drug.member, amounts))
        return found

    def dose(
        self, doc: Doc, sentence: Sentence, amount: Amount, member: Drug, amounts: Sequence[Amount]
    ) -> DoseMention:
        """Give the dose mention of an amount with the route, infusion and schedule nearest to it."""
        folded = doc._.folded
        spans: dict[str, Offsets] = {}
        route = _nearest_route(self.routes.find(doc.text, folded, sentence.start, sentence.end), amount)
        if route:
            spans["route"] = route[:2]
        for name, spots in (
            ("infusion", find_infusions(folded, sentence.start, sentence.end)),
            ("schedule", find_schedules(folded, sentence.start, sentence.end)),
        ):
            if spots:
                spans[name] = min(spots, key=lambda spot: _distance(spot, amount))
        return DoseMention(
            start=amount.start,
            end=amount.end,
            evidence=(sentence.start, sentence.end),
            drug=member,
            component="doses",
            section=sentence.label,
            own_result=sentence.role != "background",
            low=amount.low,
            high=amount.high,
            unit=amount.unit,
            route=route[2] if route else None,
            infusion=doc.text[slice(*spans["infusion"])] if "infusion" in spans else None,
            schedule=doc.text[slice(*spans["schedule"])] if "schedule" in spans else None,
            spans=spans,
        )


def _distance(spot: Sequence[int], amount: Amount) -> int:
    return max(spot[0] - amount.end, amount.start - spot[1], 0)


def _nearest_route(routes: Sequence[tuple[int, int, Route]], amount: Amount) -> tuple[int, int, Route] | None:
    return min(routes, key=lambda spot: _distance(spot, amount), default=None)


def _earlier_drug(doc: Doc, sentence: Sentence, drugs: Sequence[DrugMention]) -> DrugMention | None:
    """Give the last drug named before a sentence that names none."""
    if any(drug.kind not in _NO_OWNERS for drug in drugs):
        return None
    earlier = [m for m in doc._.drugs if m.end <= sentence.start and m.kind not in _NO_OWNERS]
    return earlier[-1] if earlier else None


def with_document_route(doses: list[DoseMention], doc: Doc, routes: Routes) -> list[DoseMention]:
    """Fill the route of doses whose sentence names none, where the whole document names a single one."""
    if all(dose.route for dose in doses):
        return doses
    named = routes.find(doc.text, doc._.folded, 0, len(doc.text))
    if len({route for _, _, route in named}) != 1:
        return doses
    start, end, route = named[0]
    return [
        dose
        if dose.route
        else dose.model_copy(update={"route": route, "spans": {**dose.spans, "route": (start, end)}})
        for dose in doses
    ]


def merge_repeated(doses: Sequence[DoseMention]) -> list[DoseMention]:
    """Keep the first mention of each regimen; a route or duration said only later is taken over."""
    kept: dict[tuple[object, ...], DoseMention] = {}
    for dose in doses:
        key = (dose.drug, dose.low, dose.high, dose.unit)
        kept.setdefault(key, dose)
    return sorted(kept.values(), key=lambda dose: dose.start)


@Language.factory(
    "ketmine_doses",
    default_config={"routes": {"@misc": "ketmine.table.v1", "name": "routes.tsv"}},
    requires=["doc._.sentences", "doc._.drugs"],
    assigns=["doc._.doses", "doc.spans"],
)
def create_doses(nlp: Language, name: str, routes: Sequence[Row]) -> Doses:
    """Make the component from a table of routes."""
    return Doses(Routes(routes))
