"""Flags: why a person should look at a finding, as a stable code and a reason in a curator's words.

The codes and their wording are `resources/flag_codes.tsv`; every check is a pure function from a finding,
or from all findings of a document, to the values that its reason names.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from nlp.components.figures import is_significant
from nlp.finding import AdverseEvent, Dose, Finding, Flag, Outcome, Species, Unlinked
from nlp.folding import fold
from nlp.instruments import domain_of, instrument_of
from nlp.vocabulary import read_table

Values = dict[str, Any]

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_OF_WITH_PERCENT = re.compile(
    r"\b(?P<n>\d{1,6}) ?(?:/|of(?: the)?|out of(?: the)?) ?(?P<total>\d{1,6})(?: [a-z]+){0,3} ?[(\[]"
    r" ?(?P<percent>\d+(?:\.\d+)?) ?%"
)
_PERCENT_WITH_OF = re.compile(
    r"(?P<percent>\d+(?:\.\d+)?) ?% ?[(\[] ?(?:n ?= ?)?(?P<n>\d{1,6}) ?(?:/|of|out of) ?(?P<total>\d{1,6})"
    r" ?[)\]]"
)
_RATE = re.compile(
    r"(?P<percent>\d+(?:\.\d+)?) ?(?:%|per ?cent)|(?P<n>\d+) ?(?:/|(?:out )?of(?: the)?) ?(?P<total>\d+)"
)
_RATIO = re.compile(
    r"\b(?:odds|risk|hazards?|rate) ratios?|\brelative risks?|\b(?:a?or|a?rr|a?hr)\b(?= ?[=:,(\[]| \d)"
)
_DIFFERENCE = re.compile(
    r"\b(?:mean |group |risk )?differences?\b|\b(?:md|smd|wmd|lsmd|es|β|b|coef\w*)\b(?= ?[=:,(\[])|hedges"
    r"|cohen|effect size"
)


@lru_cache(maxsize=1)
def _reasons() -> dict[str, str]:
    return {row["code"]: row["reason"] for row in read_table("flag_codes.tsv")}


def flagged(
    findings: Sequence[Finding], species: Species, drug_names: Callable[[Finding], Sequence[str]]
) -> tuple[Finding, ...]:
    """Give the findings of one document with their flags added, in the same order.

    `drug_names` gives the names of the drugs outside the family that a finding's sentence holds.
    """
    regimens = sum(finding.type == "dose" for finding in findings)
    out: list[Finding] = []
    for finding in findings:
        flags = [
            flag(code, values)
            for code, values in (
                ("implausible_dose", implausible_dose(finding, species)),
                ("numbers_disagree", numbers_disagree(finding)),
                ("impossible_rate", impossible_rate(finding)),
                ("interval_without_estimate", interval_without_estimate(finding)),
                ("p_against_interval", p_against_interval(finding)),
                ("score_out_of_range", score_out_of_range(finding)),
                ("serious_adverse_event", serious_adverse_event(finding)),
                ("contradiction", contradiction(finding, findings)),
                ("unclear_arm", unclear_arm(finding, regimens)),
                ("several_drugs", several_drugs(finding, drug_names(finding))),
                ("low_confidence", low_confidence(finding)),
            )
            if values is not None
        ]
        out.append(finding.model_copy(update={"flags": (*finding.flags, *flags)}) if flags else finding)
    return tuple(out)


def flag(code: str, values: Values) -> Flag:
    """Make a flag from its code and the values that its reason names."""
    return Flag(code=code, reason=_reasons()[code].format(**values))


def implausible_dose(finding: Finding, species: Species) -> Values | None:
    """Find a dose outside what is given by its route, in people or in animals."""
    if not isinstance(finding, Dose):
        return None
    kind = {Species.HUMAN: "human", Species.ANIMAL: "animal", Species.NONE: "human"}.get(species)
    row = _plausible().get((kind, finding.route or "", finding.unit)) or _plausible().get(
        (kind, "", finding.unit)
    )
    if row is None or (row[0] <= finding.low and finding.high <= row[1]):
        return None
    route = f"by {finding.route.value} route" if finding.route else "by any route"
    return {
        "amount": finding.anchor_text,
        "route": route,
        "low": row[0],
        "high": row[1],
        "unit": finding.unit,
    }


@lru_cache(maxsize=1)
def _plausible() -> dict[tuple[str | None, str, str], tuple[float, float]]:
    return {
        (row["species"], row["route"], row["unit"]): (float(row["low"]), float(row["high"]))
        for row in read_table("plausible_doses.tsv")
    }


def numbers_disagree(finding: Finding) -> Values | None:
    """Find a count and a percentage, stated of one thing, that do not agree beyond rounding."""
    stated = {fold(text) for text in _stated(finding)} if not isinstance(finding, Dose) else set()
    if not stated:
        return None
    sentence = fold(finding.evidence_text)
    for pattern in (_OF_WITH_PERCENT, _PERCENT_WITH_OF):
        for m in pattern.finditer(sentence):
            n, total, percent = int(m["n"]), int(m["total"]), float(m["percent"])
            if not any(text in m[0] or m[0] in text for text in stated):
                continue
            if total == 0 or n > total or abs(100 * n / total - percent) > _rounding(m["percent"]):
                actual = f"{100 * n / total:.1f}" if total else "no"
                return {"n": n, "total": total, "percent": actual, "stated": m["percent"]}
    return None


def impossible_rate(finding: Finding) -> Values | None:
    """Find an adverse event that is said of more people than there are."""
    stated = finding.rate if isinstance(finding, AdverseEvent) else None
    m = _RATE.fullmatch(fold(stated or ""))
    if m is None or not (float(m["percent"]) > 100 if m["percent"] else int(m["n"]) > int(m["total"])):
        return None
    return {"rate": stated}


def _stated(finding: Outcome | AdverseEvent) -> Iterable[str]:
    fields = (
        (finding.rate,) if isinstance(finding, AdverseEvent) else (finding.value, finding.comparator_value)
    )
    return (text for text in fields if text)


def _rounding(percent: str) -> float:
    """Give how far a percentage may lie from its fraction: one unit of its last place, and half a point for truncation."""
    return 1.01 if "." not in percent else 10.0 ** -len(percent.split(".")[1]) + 0.051


def interval_without_estimate(finding: Finding) -> Values | None:
    """Find an interval whose estimate was not read."""
    if isinstance(finding, Outcome) and finding.ci and finding.value is None:
        return {"ci": finding.ci}
    return None


def p_against_interval(finding: Finding) -> Values | None:
    """Find a p-value and an interval of which one holds the null and the other does not."""
    if not isinstance(finding, Outcome) or not finding.ci or not finding.p_value:
        return None
    significant = is_significant(finding.p_value)
    bounds = _NUMBER.findall(re.sub(r"(?<=[\d%]) ?(?:to|-|,|;) ?", " ", fold(finding.ci)))
    null = _null_value(finding)
    if significant is None or len(bounds) != 2 or null is None:
        return None
    low, high = sorted((float(bounds[0]), float(bounds[1])))
    # a bound that is the null to its last place says neither
    if null in (low, high) or significant is not (low < null < high):
        return None
    return {"p": finding.p_value, "ci": finding.ci}


def _null_value(finding: Outcome) -> float | None:
    """Say what no effect is on the scale of the finding's interval: 1 for ratios, 0 for differences."""
    sentence = fold(finding.evidence_text)
    at = sentence.find(fold(finding.ci or ""))
    before = sentence[max(0, at - 110) : at]
    ratio = [m.start() for m in _RATIO.finditer(before)]
    difference = [m.start() for m in _DIFFERENCE.finditer(before)]
    if not ratio and not difference:
        return None
    return 1.0 if max(ratio, default=-1) > max(difference, default=-1) else 0.0


def score_out_of_range(finding: Finding) -> Values | None:
    """Find a figure that its instrument cannot give, neither as a score nor as a change of score."""
    if not isinstance(finding, Outcome):
        return None
    instrument = instrument_of(finding.anchor_text)
    if instrument is None or instrument.low is None or instrument.high is None:
        return None
    if domain_of(finding.anchor_text, instrument) != instrument.domain:
        return None  # a sub-score, which has a range of its own
    low, high = instrument.low, instrument.high
    for text in (finding.value, finding.comparator_value):
        figure = (
            _NUMBER.search(fold(text)) if text and not re.search(r"%|/| of |per ?cent", fold(text)) else None
        )
        if figure and abs(float(figure[0])) > high:
            return {"value": text, "name": instrument.code, "low": f"{low:g}", "high": f"{high:g}"}
    return None


def serious_adverse_event(finding: Finding) -> Values | None:
    """Find an adverse event that is serious and said to have occurred, or possible."""
    if isinstance(finding, AdverseEvent) and finding.serious and finding.assertion != "absent":
        return {"anchor": finding.anchor_text}
    return None


def contradiction(finding: Finding, findings: Sequence[Finding]) -> Values | None:
    """Find another finding of the document that says the opposite of the same thing, contrast and time."""
    said = _said(finding)
    for other in findings if said else ():
        opposite = _said(other)
        if {said, opposite} in _OPPOSITES and _same_claim(finding, other):
            return {"one": said, "other": opposite, "anchor": finding.anchor_text}
    return None


_OPPOSITES: tuple[set[str | None], ...] = ({"increased", "decreased"}, {"present", "absent"})


def _said(finding: Finding) -> str | None:
    if isinstance(finding, Outcome):
        return finding.direction.value if finding.direction else None
    return finding.assertion.value if isinstance(finding, AdverseEvent) else None


def _same_claim(a: Finding, b: Finding) -> bool:
    if a.id == b.id or a.drug != b.drug or _words(a.anchor_text) != _words(b.anchor_text):
        return False
    if isinstance(a, Outcome) and isinstance(b, Outcome):
        return _words(a.comparator) == _words(b.comparator) and _words(a.timepoint) == _words(b.timepoint)
    return True


def _words(text: str | None) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text or ""))).removesuffix("s")


def unclear_arm(finding: Finding, regimens: int) -> Values | None:
    """Find a result of a trial of several regimens that its sentence does not give to one of them."""
    if (
        isinstance(finding, Outcome | AdverseEvent)
        and finding.unlinked is Unlinked.NOT_TOLD_APART
        and regimens > 1
    ):
        return {"number": regimens}
    return None


def several_drugs(finding: Finding, names: Sequence[str]) -> Values | None:
    """Find a result whose sentence names two or more other drugs that may have done it."""
    others = sorted({name for name in names if name not in _CONTROLS})
    if isinstance(finding, Dose) or len(others) < 2:
        return None
    return {"number": len(others), "names": ", ".join(others)}


_CONTROLS = frozenset(
    ("placebo", "saline", "vehicle", "dextrose", "sham", "sterile water", "distilled water")
)


LOW = 1 / 3
"""The confidence below which at least two findings in three are wrong."""


def low_confidence(finding: Finding) -> Values | None:
    """Find a finding that is said to be wrong more than twice as likely as right."""
    if finding.confidence is None or finding.confidence >= LOW:
        return None
    return {"chance": round(100 * finding.confidence)}


def with_disagreements(findings: Sequence[Finding], rules: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give a reader's findings of one document, flagged where the rules read the same words otherwise.

    `rules` are the rules' findings of the same text. What the rules do not find at all is no disagreement:
    they find fewer than half of the outcomes.
    """
    out: list[Finding] = []
    for finding in findings:
        values = readers_disagree(finding, rules)
        more = (flag("readers_disagree", values),) if values else ()
        out.append(finding.model_copy(update={"flags": (*finding.flags, *more)}) if more else finding)
    return tuple(out)


_CORE = {
    "dose": ("drug", "low", "high", "unit"),
    "adverse_event": ("drug", "assertion"),
    "outcome": ("drug", "direction"),
}


def readers_disagree(finding: Finding, rules: Sequence[Finding]) -> Values | None:
    """Find a core field that the rules read otherwise at the same anchor, and none of theirs reads alike."""
    same = [f for f in rules if f.type == finding.type and _overlap(f.anchor, finding.anchor) >= 0.3]
    closest = sorted(same, key=lambda f: -_overlap(f.anchor, finding.anchor))
    differing = [
        [name for name in _CORE[finding.type] if getattr(f, name) != getattr(finding, name)] for f in closest
    ]
    if not differing or not all(differing):
        return None
    name = differing[0][0]
    return {"field": name, "theirs": _plain(closest[0], name), "ours": _plain(finding, name)}


def _plain(finding: Finding, name: str) -> str:
    value = getattr(finding, name)
    return f"{value:g}" if isinstance(value, float) else str(value or "not stated").replace("_", " ")


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Give the intersection of two spans over their union."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    return max(0, common) / (max(a[1], b[1]) - min(a[0], b[0]))
