"""The figures of a result, and what they say of its direction: p-values, rates of two arms, ratios with intervals."""

import re
from collections.abc import Sequence
from typing import NamedTuple

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
)
from nlp.components.phrases import DrugSpan
from nlp.components.times import timepoints
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


_NO_SIGNIFICANCE = re.compile(
    r"\b(?:non-?significant(?:ly)?|not (?:reach |attain )?(?:\w+ )?significan\w+|no(?:t)? (?:\w+"
    r" )?significance|insignificant(?:ly)?|numerical(?:ly)?)\b"
)
RATIO = re.compile(
    r"\b(?:(?:odds|risk|hazards?|rate) ratios?|relative risks?|(?:a?or|a?rr|a?hr)(?=\s*[=:,\[(]| was| of))"
)
_BOUNDS = re.compile(r"\d*[.,]?\d+")
CLAUSE_END = re.compile(r"[;:]|,? (?:whereas|while|but|although|however)\b|, and ")


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
        time = _near(times, low, high) or _near(times, high, len(sentence)) or (times[0] if times else None)
        pair = next(((a, b) for a, b in twos if low <= a.start < high), None)
        value = pair[0] if pair else _near(figures, low, high)
        if result.value:  # read with the result
            out.append(
                result._replace(
                    p_value=p, ci=ci and (ci.start, ci.end), timepoint=time and (time.start, time.end)
                )
            )
            continue
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


def told_by_figures(sentence: str, result: Result, drugs: Sequence[DrugSpan]) -> Result:
    """Correct a direction by its p-value, and give one to a rate that is set against the control's."""
    significant = is_significant(result.p_value.text) if result.p_value else None
    near = CLAUSE_END.split(sentence[result.end : result.end + 110])[0]
    if result.direction in (Direction.INCREASED, Direction.DECREASED):
        if significant is False or _NO_SIGNIFICANCE.search(near):
            return result._replace(direction=Direction.NO_DIFFERENCE, effect=Effect.NO_DIFFERENCE)
        return result
    if result.direction is None and result.ci and RATIO.search(sentence):
        return _by_ratio(sentence, result)
    if result.direction is None and result.value:
        return by_arms(sentence, result, drugs, significant)
    return result


def _by_ratio(sentence: str, result: Result) -> Result:
    """Give a rate the direction of its ratio, none where the interval holds 1."""
    if result.ci is None:
        return result
    low, high = (
        float(n.replace(",", ".")) for n in _BOUNDS.findall(sentence[result.ci[0] : result.ci[1]])[:2]
    )
    direction = (
        Direction.NO_DIFFERENCE
        if low <= 1 <= high
        else Direction.INCREASED
        if low > 1
        else Direction.DECREASED
    )
    endpoint = classify(sentence[result.start : result.end])
    effect = effect_of(direction, endpoint.polarity if endpoint else "+")
    return result._replace(
        direction=direction, effect=effect, contrast=result.contrast or Contrast("control")
    )


def by_arms(
    sentence: str,
    result: Result,
    drugs: Sequence[DrugSpan],
    significant: bool | None,
    polarity: str | None = None,
) -> Result:
    """Give a figure that is stated for both arms the direction that the figures show."""
    arms = _arms(drugs)
    if len(arms) != 2 and not result.comparator_value:
        return result
    figures = [(q.start, q.end) for q in percentages(sentence)]
    if result.comparator_value:
        figures = [span for span in (result.value, result.comparator_value) if span]
    elif len(figures) != 2:
        figures = [f for f in figures if f[0] >= result.start][:2]
    if len(figures) != 2:
        return result
    own, other = figures
    if len(arms) == 2 and not arms[0].member:
        own, other = other, own
    a, b = _figure(sentence, own), _figure(sentence, other)
    named = next((d for d in arms if not d.member), None)
    contrast = Contrast("named", (named.start, named.end)) if named else Contrast("control")
    changed = result._replace(value=own, comparator_value=other, contrast=contrast)
    if significant is False or a == b:
        return changed._replace(direction=Direction.NO_DIFFERENCE, effect=Effect.NO_DIFFERENCE)
    direction = Direction.INCREASED if a > b else Direction.DECREASED
    if polarity is None:
        endpoint = classify(sentence[result.start : result.end])
        polarity = endpoint.polarity if endpoint else "+"
    return changed._replace(direction=direction, effect=effect_of(direction, polarity))


def _arms(drugs: Sequence[DrugSpan]) -> list[DrugSpan]:
    """Give the first family member and the first other drug of a sentence, in order."""
    own = next((d for d in drugs if d.member), None)
    other = next((d for d in drugs if not d.member), None)
    return sorted(d for d in (own, other) if d)


def is_significant(p_value: str) -> bool | None:
    """Tell whether a p-value as written (`<0.001`, `=.03`) is below 0.05; None when it does not say."""
    m = re.fullmatch(r"([<>=≤≥]+)(\d*[.,]\d+|\d+)(.*)", p_value)
    if not m:
        return None
    value = float(m[2].replace(",", "."))
    if m[3]:
        return True
    if m[1] in (">", "≥"):
        return False if value >= 0.05 else None
    return value <= 0.05 if m[1] in ("<", "≤") else value <= 0.055


def _figure(sentence: str, span: Offsets) -> float:
    m = re.search(r"[-+]?\d*[.,]?\d+", sentence[span[0] : span[1]])
    return float(m[0].replace(",", ".")) if m else 0.0
