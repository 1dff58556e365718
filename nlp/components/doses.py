"""Doses of the ketamine family: amounts, whose they are by the words around them, and how they were given."""

import re
from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.amounts import Amount, find_amounts
from nlp.components.owners import AND, NO_OWNERS, owner_of, parallel_owners
from nlp.components.phrases import LONGEST
from nlp.components.regimen import Routes, find_infusions, find_schedules
from nlp.extensions import DoseMention, DrugMention, Sentence, keep, text_of, within
from nlp.finding import Drug, Offsets, Route
from nlp.vocabulary import Row

_MASS_UNIT = re.compile(
    r"(?:(?:mg|ug|g|mmol|umol|nmol)(?:/(?:kg|h|min|day|70kg|g|week|s))*|ng(?:/(?:kg|h|min))+)$"
)
# grams beyond this are a body's weight or a needle's size
_MOST_GRAMS = 10
_LEVEL_UNIT = re.compile(r"(?:ng|ug)/ml$")
_TARGET = re.compile(r"\b(?:target|steady[ -]state|plasma (?:level|concentration)s?|tci|doses?|infusion)\b")
_GIVEN_LEVEL = re.compile(r" (?:of )?(?:s-|r-|es|ar)?ketamine")
_NOT_A_DOSE = re.compile(
    r"(?:\b(?:max(?:imum|imal|\.)?|minimum)(?: (?:single |total |daily )?(?:doses?|of|dosage))?(?: of| was| is| were)?:? ?|"
    r"\bnot (?:to )?exceed(?:ing)? |± ?"
    r"|(?:^|[\s(])-|\bci,? ?:?(?: of)?(?: -?[\d.]+(?: to |-|, ))?|\bsd(?: of)?[ =:]+|\b(?:titrat|increas|"
    r"increment|rais|upward|decreas|reduc)[^.;,\d]{0,24} by |\bdifference[^.;]{0,12}"
    r"|\b(?:average|mean|median) (?:\w+ )?(?:total|cumulative)\b[^.;,(]{0,30}|\b(?:formulation|strength|"
    r"cost)\b:?[^.;]{0,12}"
    r"|< ?[\d.]+ (?:mg/kg )?(?:vs\.?|versus|and|or) ≥ ?|[<>] ?|\bweigh\w*[^.;,\d]{0,20}"
    r"|\b(?:above|below|exceeding|beyond|higher than|lower than|greater than) )$"
)
_AFTER_NOT_A_DOSE = re.compile(
    r" ?[,(] ?sd\b| per (?:device|spray|tablet|vial|ampoule)| ?/ ?(?:\d+ ?ml|mg)\b| (?:gauge|i\.?v\.? cannula|cannula)\b"
)
_CONSUMED = re.compile(r"\b(?:consum\w+|requirements?|required|usage|rescue|sparing|saved)\b")


def is_dose(amount: Amount, folded: str, sentence: Sentence) -> bool:
    """Say whether an amount can be a dose: its unit, and no maximum, mean, change or consumption about it."""
    if amount.high == 0 or (amount.unit == "g" and amount.high > _MOST_GRAMS):
        return False
    if _LEVEL_UNIT.match(amount.unit):
        aimed = _TARGET.search(folded, sentence.start, sentence.end)
        if sentence.role == "results" or not (aimed or _GIVEN_LEVEL.match(folded, amount.end)):
            return False
    elif not _MASS_UNIT.match(amount.unit):
        return False
    told = sentence.role in ("results", "conclusion") and "kg" not in amount.unit
    if told and _CONSUMED.search(folded, sentence.start, sentence.end):
        return False
    if _NOT_A_DOSE.search(folded[max(sentence.start, amount.start - 60) : amount.start]):
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
        if any(dose.route is None for dose in found):
            found = with_document_route(found, self.document_routes(doc), doc._.folded)
        keep(doc, "doses", merge_repeated(with_document_schedule(found, doc)))
        return doc

    def in_sentence(self, doc: Doc, sentence: Sentence) -> list[DoseMention]:
        """Give the doses of one sentence; one that is too long to be one is not read."""
        if sentence.end - sentence.start > LONGEST:
            return []
        folded = doc._.folded
        amounts = find_amounts(folded, sentence.start, sentence.end)
        if not amounts:
            return []
        drugs = [m for m in doc._.drugs if sentence.start <= m.start < sentence.end]
        found = []
        parallel = parallel_owners(amounts, drugs, folded)
        for amount in amounts:
            drug = parallel.get(amount) or owner_of(doc, sentence, amount, drugs)
            if drug is not None and drug.member and is_dose(amount, folded, sentence):
                phrase = phrase_of(amount, drug, amounts)
                found.append(self.dose(doc, sentence, amount, amounts, phrase, drug.member))
        return found

    def dose(
        self,
        doc: Doc,
        sentence: Sentence,
        amount: Amount,
        amounts: Sequence[Amount],
        phrase: Offsets,
        member: Drug,
    ) -> DoseMention:
        """Give the dose mention of an amount with the route, infusion and schedule nearest to it."""
        folded = doc._.folded
        spans: dict[str, Offsets] = {}
        others = [m for m in within(doc._.drugs, *sentence[:2]) if m.kind not in NO_OWNERS and not m.member]
        routes = self.routes.find(text_of(doc), folded, sentence.start, sentence.end)
        route = min(routes, key=lambda spot: _distance(spot, phrase, folded, others), default=None)
        if route:
            spans["route"] = route[:2]
            route = _joint(route, routes, folded)
        infusions = find_infusions(folded, sentence.start, sentence.end)
        beside = [a for a in amounts if a != amount]
        for name, spots in (
            ("infusion", [spot for spot in infusions if not _anothers(spot, amount, beside, folded)]),
            ("schedule", find_schedules(folded, sentence.start, sentence.end)),
        ):
            if spots:
                spans[name] = min(spots, key=lambda spot: _distance(spot, phrase, folded, others))
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
            infusion=text_of(doc)[slice(*spans["infusion"])] if "infusion" in spans else None,
            schedule=text_of(doc)[slice(*spans["schedule"])] if "schedule" in spans else None,
            spans=spans,
        )

    def document_routes(self, doc: Doc) -> dict[Route, Offsets]:
        """Give the routes named right beside a family member, or else those named beside no other drug."""
        drugs = [m for m in doc._.drugs if m.kind not in NO_OWNERS]
        attached: dict[Route, Offsets] = {}
        free: dict[Route, Offsets] = {}
        for start, end, route in self.routes.find(text_of(doc), doc._.folded, 0, len(text_of(doc))):
            beside = [m for m in drugs if _touches(doc._.folded, (start, end), m)]
            shared = any(m.member and _shared(doc._.folded, (start, end), m, drugs) for m in drugs)
            if shared or any(m.member for m in beside):
                attached.setdefault(route, (start, end))
            elif not beside and route != Route.INHALED and not _of_others(doc, (start, end)):
                free.setdefault(route, (start, end))
        titled = {route: spot for route, spot in attached.items() if spot[1] <= doc._.sections[0].end}
        return titled or attached or free or _pumped(doc)


def phrase_of(amount: Amount, drug: DrugMention, amounts: Sequence[Amount]) -> Offsets:
    """Give the offsets from a drug to its amount, or of the amount alone where the drug is far."""
    start, end = min(amount.start, drug.start), max(amount.end, drug.end)
    if end - start > 100 or any(start <= a.start < end and a != amount for a in amounts):
        return amount.start, amount.end
    return start, end


_JOINED = re.compile(r" ?(?:or|and|and/or|/|,|versus|vs\.?) ?")


def _joint(
    route: tuple[int, int, Route], routes: Sequence[tuple[int, int, Route]], folded: str
) -> tuple[int, int, Route]:
    """Give `other` for a route named together with another: `by the intravenous or epidural route`."""
    for other in routes:
        first, second = sorted((route, other))
        if other[2] != route[2] and _JOINED.fullmatch(folded, first[1], second[0]):
            return (*route[:2], Route.OTHER)
    return route


Span = Offsets | tuple[int, int, Route]
_CLAUSE_END = re.compile(r"[;:]|, |\) |\.| (?:and|or|plus|versus|vs|while|whereas|followed by) ")


def _distance(spot: Span, phrase: Offsets, folded: str, others: Sequence[DrugMention]) -> int:
    """Count the characters from words to a phrase; a clause's end or another drug between counts extra."""
    low, high = (spot[1], phrase[0]) if spot[1] <= phrase[0] else (phrase[1], spot[0])
    if high <= low:
        return 0
    crossed = sum(low <= m.start < high for m in others)
    return high - low + 20 * len(_CLAUSE_END.findall(folded, low, high)) + 60 * crossed


def _anothers(spot: Offsets, amount: Amount, beside: Sequence[Amount], folded: str) -> bool:
    """Say whether words before an amount go with another amount right before them."""
    before = [a for a in beside if a.end <= spot[0] and spot[0] - a.end < 30]
    return (
        spot[1] <= amount.start and bool(before) and not _CLAUSE_END.search(folded, before[-1].end, spot[0])
    )


_BESIDE = re.compile(
    r"[ ()-]{0,3}(?:(?:administration|infusions?|infused|bolus|injections?|injected|infiltration|of|the|a|"
    r"an|single|repeated|low|dose|sub(?:an)?a?esthetic"
    r"|sub-an(?:a)?esthetic|racemic|nasal|spray|administered|given|doses?|six|three|two|formulation|"
    r"delivery|route|was|were|iv|by|via)[ ()-]{1,2})*"
)


_PUMPED = re.compile(
    r"patient[ -]controlled intravenous analgesia|\bpcia\b|\biv[ -]?pca\b|\bintravenous pca\b"
)


def _pumped(doc: Doc) -> dict[Route, Offsets]:
    """Give the intravenous route where a member is said to be part of patient-controlled intravenous analgesia."""
    for sentence in doc._.sentences:
        spot = _PUMPED.search(doc._.folded, sentence.start, sentence.end)
        if spot and sentence.role in _ASKED and any(m.member for m in within(doc._.drugs, *sentence[:2])):
            return {Route.INTRAVENOUS: spot.span()}
    return {}


def _of_others(doc: Doc, spot: Offsets) -> bool:
    """Say whether a route stands in a sentence that names other drugs and no member of the family."""
    sentence = next((s for s in doc._.sentences if s.start <= spot[0] < s.end), None)
    if sentence is None:
        return False
    named = [m for m in within(doc._.drugs, *sentence[:2]) if m.kind not in NO_OWNERS]
    return bool(named) and not any(m.member for m in named)


def _touches(folded: str, spot: Offsets, drug: DrugMention) -> bool:
    low, high = (spot[1], drug.start) if spot[1] <= drug.start else (drug.end, spot[0])
    return high <= low or (high - low < 40 and bool(_BESIDE.fullmatch(folded, low, high)))


def _shared(folded: str, spot: Offsets, drug: DrugMention, drugs: Sequence[DrugMention]) -> bool:
    """Say whether a route before another drug holds for a member after it: `oral midazolam and ketamine`."""
    between = [m for m in drugs if spot[1] <= m.start and m.end <= drug.start]
    return (
        len(between) == 1
        and _touches(folded, spot, between[0])
        and bool(AND.fullmatch(folded, between[0].end, drug.start))
    )


_INFUSED = frozenset({Route.INTRAVENOUS, Route.SUBCUTANEOUS, Route.EPIDURAL, Route.INTRATHECAL})


def with_document_route(
    doses: list[DoseMention], routes: dict[Route, Offsets], folded: str
) -> list[DoseMention]:
    """Fill the route of doses whose sentence names none, where the whole document gives a single one."""
    if len(routes) != 1:
        return doses
    ((route, spot),) = routes.items()
    return [
        dose.model_copy(update={"route": route, "spans": {**dose.spans, "route": spot}})
        if dose.route is None and (route in _INFUSED or "infus" not in folded[slice(*dose.evidence)])
        else dose
        for dose in doses
    ]


_ASKED = frozenset({"title", "aim", "methods"})


def with_document_schedule(doses: list[DoseMention], doc: Doc) -> list[DoseMention]:
    """Fill the schedule of doses whose sentence names none, where title, aim and methods name one beside the family."""
    named: dict[str, Offsets] = {}
    for sentence in doc._.sentences:
        if sentence.role in _ASKED and any(m.member for m in within(doc._.drugs, *sentence[:2])):
            for spot in find_schedules(doc._.folded, sentence.start, sentence.end):
                named.setdefault(doc._.folded[slice(*spot)].replace("-", " "), spot)
    if len(named) != 1:
        return doses
    ((_, spot),) = named.items()
    filled = {"schedule": text_of(doc)[slice(*spot)]}
    return [
        dose.model_copy(update={**filled, "spans": {**dose.spans, "schedule": spot}})
        if dose.schedule is None and dose.unit in ("mg/kg", "mg")
        else dose
        for dose in doses
    ]


def merge_repeated(doses: Sequence[DoseMention]) -> list[DoseMention]:
    """Keep the first mention of each regimen.

    A range between two doses that are known is no new one; nor is an amount known already, unless methods
    give it by another route.
    """
    kept: list[DoseMention] = []
    for dose in doses:
        same = [d for d in kept if (d.drug, d.unit) == (dose.drug, dose.unit)]
        values = {value for d in same for value in (d.low, d.high)}
        equal = [d for d in same if (d.low, d.high) == (dose.low, dose.high)]
        if equal:
            if not _by_another_route(dose, equal):
                continue
        elif dose.low != dose.high and {dose.low, dose.high} <= values:
            continue
        kept.append(dose)
    return kept


def _by_another_route(dose: DoseMention, equal: Sequence[DoseMention]) -> bool:
    routes = [d.route for d in equal]
    here = dose.spans.get("route")
    said_here = here is not None and dose.evidence[0] <= here[0] < dose.evidence[1]
    return (
        said_here
        and dose.route not in routes
        and None not in routes
        and Route.OTHER not in (dose.route, *routes)
    )


@Language.factory(
    "ketmine_doses",
    default_config={"routes": {"@misc": "ketmine.table.v1", "name": "routes.tsv"}},
    requires=["doc._.sentences", "doc._.drugs"],
    assigns=["doc._.doses", "doc.spans"],
)
def create_doses(nlp: Language, name: str, routes: Sequence[Row]) -> Doses:
    """Make the component from a table of routes."""
    return Doses(Routes(routes))
