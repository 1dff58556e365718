"""Which dose a result belongs to: the doses of its arm, or why there is none.

One regimen in the abstract is every result's. Several are told apart by what the sentence of the result names: an
amount, the label of a group, `low` or `high`, a route. Where it names nothing of the kind, they are not told apart.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.amounts import find_amounts
from nlp.components.regimen import Routes
from nlp.extensions import DoseMention, Links, Mention, text_of
from nlp.finding import Offsets, Unlinked
from nlp.vocabulary import Row

_SAME_ARM = re.compile(
    r"followed by|\bthen\b|thereafter|\bplus\b|prior to|before"
    r"|(?:and|,) (?:an? )?(?:\w+ )?(?:continuous |maintenance )?infusion"
)
_FLEXIBLE = re.compile(r"flexibl|titrat|adjust|increas|escalat|as tolerated|based on")
_CHOICE = re.compile(r"(?:[ -]*(?:mg)? ?\)?(?:or|/|to|and/or)(?: \(?)? ?)")
_ALL = re.compile(
    r"\b(?:all|both|each|every|any|either|the (?:two|three|four)) (?:\w+ )?"
    r"(?:doses?|dosages?|groups?|regimens?|concentrations?)\b|dose-?\s?(?:dependent|related|response)"
)
_LOW = re.compile(r"\b(?:low(?:er|est)?|small(?:er|est)?)[ -](?:\w+[ -]){0,2}(?:dose|dosage)")
_HIGH = re.compile(r"\b(?:high(?:er|est)?|larg(?:er|est)|maxim\w+)[ -](?:\w+[ -]){0,2}(?:dose|dosage)")
_TITRATED = re.compile(r"titrat|increas|up to|to a maximum")
_LABEL = re.compile(
    r"\(?\b[Gg]roup (?P<word>[A-Za-z]{0,4}\d{0,2})\b"
    r"|\((?P<short>[A-Z][A-Za-z]{0,4}\d{0,2})(?=[,;: )])"
    r"|\b(?P<before>[A-Z]{1,4}\d{0,2}) [Gg]roup\b"
)
_CLAUSE = re.compile(r"; |, (?:while|whereas|but|and|compared)\b| whereas | while | but ")


def arms(doses: Sequence[DoseMention], folded: str) -> list[list[int]]:
    """Group the indexes of doses by arm: a bolus and the infusion after it, or a dose to be adjusted, are one."""
    grouped: list[list[int]] = []
    for index, dose in enumerate(doses):
        if index and _same_arm(doses[index - 1], dose, folded):
            grouped[-1].append(index)
        else:
            grouped.append([index])
    return grouped


def _same_arm(first: DoseMention, second: DoseMention, folded: str) -> bool:
    if first.drug != second.drug or first.evidence != second.evidence:
        return False
    between = folded[first.end : second.start]
    if first.unit != second.unit:
        targeted = second.unit.endswith("/ml") and "target" in between
        return len(between) < 60 and (targeted or bool(_SAME_ARM.search(between)))
    if _TITRATED.search(between):
        return True
    return bool(_CHOICE.fullmatch(between)) and bool(_FLEXIBLE.search(folded[slice(*first.evidence)]))


def labels(dose: DoseMention, doses: Sequence[DoseMention], text: str) -> set[str]:
    """Give the labels of the group that a dose's sentence gives it: `(group K1)`, `Group K: …`, `(LK)`."""
    start, end = dose.evidence
    later = [d.start for d in doses if d.evidence == dose.evidence and d.start > dose.start]
    after = _LABEL.search(text, dose.end, min(later, default=min(end, dose.end + 60)))
    earlier = [d.end for d in doses if d.evidence == dose.evidence and d.end <= dose.start]
    before = list(_LABEL.finditer(text, max(earlier, default=start), dose.start))
    match = after or (before[-1] if before else None)
    return {word for word in match.groups() if word} if match else set()


def link(mention: Mention, doc: Doc, routes: Routes) -> tuple[int, ...] | Unlinked:
    """Give the indexes of the doses of a result's arm, or why there is none."""
    doses: tuple[DoseMention, ...] = doc._.doses
    own = [i for i, dose in enumerate(doses) if dose.drug == mention.drug and dose.own_result]
    candidates = own or [i for i, dose in enumerate(doses) if dose.drug == mention.drug]
    if not candidates:
        return Unlinked.NONE_STATED
    groups = [[i for i in arm if i in candidates] for arm in arms(doses, doc._.folded)]
    groups = [arm for arm in groups if arm]
    if len(groups) == 1:
        return tuple(groups[0])
    named = _named(mention, doc, candidates, routes)
    if not named:
        return Unlinked.NOT_TOLD_APART
    return tuple(sorted({i for arm in groups if named & set(arm) for i in arm}))


def _named(mention: Mention, doc: Doc, candidates: Sequence[int], routes: Routes) -> set[int]:
    """Give the doses that the result's sentence names, the clause of its anchor first."""
    start, end = mention.evidence
    cuts = [m.start() for m in _CLAUSE.finditer(doc._.folded, start, end)]
    bounds = [start, *cuts, end]
    clause = next((a, b) for a, b in pairwise(bounds) if a <= mention.start < b or b == end)
    for part in (clause, (start, end)):
        for way in (_by_amount, _by_label, _by_level, _by_route):
            found = way(part, doc, candidates, routes)
            if found:
                return found
    return set()


def _by_amount(clause: Offsets, doc: Doc, candidates: Sequence[int], _routes: Routes) -> set[int]:
    if _ALL.search(doc._.folded, *clause):
        return set(candidates)
    amounts = find_amounts(doc._.folded, *clause)
    told = {(amount.low, amount.high, amount.unit) for amount in amounts}
    return {i for i in candidates if (doc._.doses[i].low, doc._.doses[i].high, doc._.doses[i].unit) in told}


def _by_label(clause: Offsets, doc: Doc, candidates: Sequence[int], _routes: Routes) -> set[int]:
    words = set(re.findall(r"[A-Za-z]+\d{0,2}|\d", text_of(doc)[slice(*clause)]))
    own = {i: labels(doc._.doses[i], doc._.doses, text_of(doc)) for i in candidates}
    return {i for i, names in own.items() if names & words}


def _by_level(clause: Offsets, doc: Doc, candidates: Sequence[int], _routes: Routes) -> set[int]:
    if len({doc._.doses[i].unit for i in candidates}) != 1:
        return set()
    found = set()
    if _LOW.search(doc._.folded, *clause):
        found.add(min(candidates, key=lambda i: doc._.doses[i].low))
    if _HIGH.search(doc._.folded, *clause):
        found.add(max(candidates, key=lambda i: doc._.doses[i].high))
    return found


def _by_route(clause: Offsets, doc: Doc, candidates: Sequence[int], routes: Routes) -> set[int]:
    named = {route for _, _, route in routes.find(text_of(doc), doc._.folded, *clause)}
    found = {i for i in candidates if doc._.doses[i].route in named}
    return found if len(found) < len(candidates) else set()


@Language.factory(
    "ketmine_links",
    default_config={"routes": {"@misc": "ketmine.table.v1", "name": "routes.tsv"}},
    requires=["doc._.doses", "doc._.outcomes", "doc._.adverse_events"],
    assigns=["doc._.links"],
)
def create_links(nlp: Language, name: str, routes: Sequence[Row]) -> "Linker":
    """Make the component from a table of routes."""
    return Linker(Routes(routes))


class Linker:
    """Write `doc._.links`."""

    def __init__(self, routes: Routes) -> None:
        """Take the table of routes."""
        self.routes = routes

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        links: Links = {}
        for group in ("outcomes", "adverse_events"):
            for index, mention in enumerate(getattr(doc._, group)):
                links[group, index] = link(mention, doc, self.routes)
        doc._.links = links
        return doc
