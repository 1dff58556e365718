"""The results that one sentence states: endpoint, direction, effect, contrast and figures."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from nlp.components.changes import Change, Clause, find_changes
from nlp.components.endpoints import classify, effect_of
from nlp.components.numbers import (
    Quantity,
    estimates,
    intervals,
    means,
    p_values,
    pairs,
    percentages,
    rates,
    timepoints,
)
from nlp.components.phrases import DrugSpan, noun_phrases, words_of
from nlp.finding import Direction, Effect

Offsets = tuple[int, int]


class Contrast(NamedTuple):
    """What a result is set against: `baseline`, `control` (unnamed), or `named` with its offsets."""

    kind: str
    name: Offsets | None = None


class Result(NamedTuple):
    """A result read in one sentence; every offset is into the sentence."""

    start: int
    end: int
    direction: Direction | None
    effect: Effect
    contrast: Contrast | None
    flipped: bool = False
    timepoint: Offsets | None = None
    value: Offsets | None = None
    comparator_value: Offsets | None = None
    ci: Offsets | None = None
    p_value: Quantity | None = None


_EFFECTIVE = re.compile(
    r"\b(?P<kind>anti-?depress\w+|anti-?suicid\w+|anti-?anhedon\w+|anti-?obsess\w+|anxiolytic|analgesic"
    r"|therapeutic|beneficial|pre-?emptive"
    r"|clinical|anti-?inflammatory|anti-?manic|neuroprotective|opioid-sparing|mood-(?:lifting|enhancing)"
    r"|treatment|rapid-acting)"
    r"(?: and \w+(?:-\w+)?)?(?:-like)? (?P<noun>effects?|efficacy|actions?|benefits?|activity|response"
    r"|responses|properties|effectiveness|potential)\b"
    r"|(?<!cost-)(?<!cost )\b(?P<alone>efficacy|effectiveness|effective|efficacious)\b(?! (?:dose|dosage"
    r"|concentration|compressions|presses))"
)
_HOPED = re.compile(
    r"\b(?:may|might|could|potential(?:ly)?|promising|promise|whether|investigat\w+|unclear|unknown|needed"
    r"|warrant\w*|hypothesi[sz]\w*|predict\w*"
    r"|mechanisms?|underl\w+|mediat\w+|associated with (?:the )?(?:anti|response)|correlat\w+|future"
    r"|further|role|biomarkers?|moderat\w+|explain\w*)\b"
)
_RATE_WORDS = re.compile(
    r"\b(?:(?:clinical |sustained |full |partial |complete |treatment |antidepressant )?(?:remission"
    r"|response|relapse|recovery|improvement)(?: rates?| criteri(?:a|on))?"
    r"|non-?responders?|non-?remitters?|responders?|remitters?|responded|remitted|relapsed|abstinence(?:"
    r" rates?)?|drop-?out rates?|completed)\b"
)
_NOT_RESULT = re.compile(
    r"\b(?:predict(?:s|ed|or|ors|ive)?|mediat(?:e[sd]?|ion|or)|moderat(?:or|ors|ed by|ion)"
    r"|correlat(?:e[sd]?|ion|ions)|will be|aim(?:ed|s)? (?:to|of|was|at)"
    r"|(?:was|were) (?:assessed|measured|evaluated|recorded|rated|collected|determined|calculated)(?!"
    r" (?:to|as|by \w+ and)\b.{0,40}\b(?:higher|lower))"
    r"|hypothesi[sz]ed?|(?:further|future|more|larger|additional) (?:\w+ ){0,3}(?:studies|research|trials"
    r"|investigations?)"
    r"|defined as|inclusion criteria|risk factors?)\b"
)
_BASELINE = re.compile(
    r"\bbaseline\b(?! (?:characteristics|score|level|severity|values?|depress|demographic))"
    r"|\bpre-?(?:treatment|infusion|dose|ketamine)\b"
    r"|\bbefore (?:and after|treatment|infusion|ketamine|the infusion)\b|\bwithin-(?:group|subject)|\bfrom"
    r" pre\b|\bover time\b"
)
_VERSUS = re.compile(
    r"\b(?:than|compared (?:with|to)|as compared (?:with|to)|in comparison (?:with|to)|when compared"
    r" (?:with|to)|versus|vs\.?|relative to|over|superior to"
    r"|inferior to|(?:similar|comparable|equivalent|equal) to|different from|from|against|in contrast to"
    r"|unlike|rather than)(?= |$)"
)
_BETWEEN = re.compile(
    r"\b(?:between[- ](?:the )?(?:\w+ ){0,2}(?:groups?|arms?|treatments?|conditions)|(?:in|among|across)"
    r" (?:the |all |both |two |three |four |other )+(?:\w+ )?groups?"
    r"|(?:the )?other (?:\w+ )?groups?|control groups?|(?:in|for|of) the \w+ group|controls)\b"
)
_COMPARES = ("comparative", "same")


def read_results(
    sentence: str, drugs: Sequence[DrugSpan], short_forms: Mapping[str, str] = MappingProxyType({})
) -> list[Result]:
    """Read the results that a folded sentence of results or conclusions states about the ketamine family."""
    if _NOT_RESULT.search(sentence):
        return []
    words = words_of(sentence, drugs)
    clause = Clause(sentence, words, noun_phrases(words), short_forms)
    found = [c for c in find_changes(clause) if _worth(clause, c)]
    results = [_result(clause, c, drugs) for c in found]
    taken = [(r.start, r.end) for r in results]
    results += [r for r in _stated(sentence) if not any(a < r.end and r.start < b for a, b in taken)]
    return with_figures(sentence, sorted(results, key=lambda r: r.start))


def _worth(clause: Clause, change: Change) -> bool:
    words = clause.sentence[change.start : change.end]
    endpoint = clause.endpoint(change.start, change.end)
    if endpoint and endpoint.domain == "adverse":
        return False
    return not re.fullmatch(
        r"(?:risk|effects?|outcomes?|results?|rates?|time|number|values?|levels?|scores?|treatment.*"
        r"|patients?.*|studies)",
        words,
    )


def _result(clause: Clause, change: Change, drugs: Sequence[DrugSpan]) -> Result:
    endpoint = clause.endpoint(change.start, change.end)
    polarity = endpoint.polarity if endpoint else "0"
    contrast, flipped = contrast_of(clause.sentence, change, drugs)
    direction = change.direction
    if flipped and direction in (Direction.INCREASED, Direction.DECREASED):
        direction = Direction.DECREASED if direction is Direction.INCREASED else Direction.INCREASED
    return Result(change.start, change.end, direction, effect_of(direction, polarity), contrast, flipped)


def contrast_of(sentence: str, change: Change, drugs: Sequence[DrugSpan]) -> tuple[Contrast | None, bool]:
    """Say what a change is set against, and whether the family member is the side compared with."""
    for m in _VERSUS.finditer(sentence):
        after = [d for d in drugs if m.end() <= d.start < m.end() + 70]
        if not after:
            continue
        before = [d for d in drugs if d.end <= m.start()]
        if after[0].member and before and not any(d.member for d in before):
            return Contrast("named", (before[-1].start, before[-1].end)), True
        named = next((d for d in after if not d.member), None)
        if named and _same_clause(sentence, m.end(), named.start):
            return Contrast("named", (named.start, named.end)), False
    if _BASELINE.search(sentence):
        return Contrast("baseline"), False
    if change.kind in _COMPARES or change.direction is Direction.NO_DIFFERENCE or _BETWEEN.search(sentence):
        return Contrast("control"), False
    return None, False


def _same_clause(sentence: str, start: int, end: int) -> bool:
    return not re.search(r"[;:]|, (?:but|whereas|while|and \w+ (?:was|were))", sentence[start:end])


def _stated(sentence: str) -> list[Result]:
    """Read what is stated without a change: that it works, and how many responded."""
    out = []
    for m in _EFFECTIVE.finditer(sentence):
        if _HOPED.search(sentence) or (
            m["kind"] and m["kind"] in ("treatment", "clinical", "rapid-acting") and m["noun"] != "response"
        ):
            continue
        denied = (
            re.search(
                r"\b(?:no|not|lack of|without|neither|nor|did not|failed)\b[^,;]{0,30}$",
                sentence[: m.start()],
            )
            is not None
        )
        direction = Direction.NO_DIFFERENCE if denied else None
        effect = Effect.NO_DIFFERENCE if denied else Effect.IMPROVED
        out.append(Result(m.start(), m.end(), direction, effect, None))
    if percentages(sentence) or rates(sentence):
        for m in _RATE_WORDS.finditer(sentence):
            endpoint = classify(m[0])
            good = endpoint is None or endpoint.polarity == "+"
            out.append(Result(m.start(), m.end(), None, Effect.IMPROVED if good else Effect.UNCLEAR, None))
    return out


def with_figures(sentence: str, results: list[Result]) -> list[Result]:
    """Give each result of a sentence the figures, the interval, the p-value and the time stated beside it."""
    if not results:
        return results
    ps, cis, times = p_values(sentence), intervals(sentence), timepoints(sentence)
    figures = sorted(
        estimates(sentence) + means(sentence) + percentages(sentence) + rates(sentence), key=lambda q: q.start
    )
    twos = pairs(sentence)
    out = []
    for i, result in enumerate(results):
        low = result.start if i else 0
        high = results[i + 1].start if i + 1 < len(results) else len(sentence)
        p = _near(ps, low, high) or (ps[0] if len(ps) == 1 else _only_last(ps, results))
        ci = _near(cis, low, high) or (cis[0] if len(cis) == 1 and len(results) == 1 else None)
        time = _near(times, low, high) or (times[0] if times else None)
        pair = next(((a, b) for a, b in twos if low <= a.start < high), None)
        value = pair[0] if pair else _near(figures, low, high)
        other = pair[1] if pair else None
        if result.flipped and other and value:
            value, other = other, value
        out.append(
            result._replace(
                p_value=p,
                ci=ci and (ci.start, ci.end),
                timepoint=time and (time.start, time.end),
                value=value and (value.start, value.end),
                comparator_value=other and (other.start, other.end),
            )
        )
    return out


def _near(found: Sequence[Quantity], low: int, high: int) -> Quantity | None:
    return next((q for q in found if low <= q.start < high), None)


def _only_last(ps: Sequence[Quantity], results: Sequence[Result]) -> Quantity | None:
    """Give the one p-value that stands after all results of a sentence: it is said of each."""
    if len(ps) == 1 and ps[0].start > results[-1].end:
        return ps[0]
    return None
