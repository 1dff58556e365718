"""An unwanted effect read in one sentence, and how often the sentence says that it occurred."""

import re
from typing import NamedTuple

from nlp.components.figures import is_significant
from nlp.components.numbers import WORDS, p_values, percentages, rates
from nlp.finding import Assertion, Comparison


class Event(NamedTuple):
    """An unwanted effect read in one sentence: offsets in it, and an adverse event's fields."""

    start: int
    end: int
    group: str
    use: str
    assertion: Assertion
    comparison: Comparison | None = None
    rate: tuple[int, int] | None = None
    transient: bool = False
    serious: bool = False


_THRESHOLD = re.compile(
    r"\b(?:common|frequent)(?:ly)?\b[^().;]{0,60}\((?P<rate>[<>≥≤] ?\d+(?:\.\d+)? ?%)[^)]*\)"
)
_HAD = re.compile(r"^[^,;]*\b(?:experienc|report|had|develop|discontinu|suffer|show|complain)\w*\b[^,;]*$")
_SEEN_IN = re.compile(r"^[^,;]{0,30}\b(?:in|by)(?: only)? $")
_COUNT = re.compile(
    rf"\b(?:(?P<n>\d{{1,4}}|{WORDS}) (?:of the |esketamine-treated |ketamine-treated |(?:adult|female"
    rf"|male) )*"
    r"(?:patients?|subjects?|participants?|individuals|volunteers|cases?|children|women|events?))"
)


_MORE_OR_LESS = re.compile(r"\b(?:more|higher|increas\w+|greater|lower|less|fewer|reduc\w+|decreas\w+)\b")


def tested(sentence: str, events: list[Event]) -> list[Event]:
    """Take for absent what does not differ from a comparator by its own p-value, where no word says that it does."""
    ps = p_values(sentence)
    out = []
    for i, event in enumerate(events):
        limit = events[i + 1].start if i + 1 < len(events) else len(sentence)
        own = next((p for p in ps if event.end <= p.start < limit), None)
        alike = own is not None and is_significant(own.text) is False
        if alike and event.assertion is Assertion.PRESENT and not _MORE_OR_LESS.search(sentence):
            event = event._replace(assertion=Assertion.ABSENT, comparison=Comparison.SIMILAR)
        out.append(event)
    return out


def with_rates(sentence: str, events: list[Event]) -> list[Event]:
    """Give each event the frequency written beside it."""
    if not events:
        return events
    figures = sorted({(q.start, q.end) for q in percentages(sentence) + rates(sentence)})
    respectively = _respectively(sentence, events, figures)
    out = []
    for i, event in enumerate(events):
        limit = events[i + 1].start if i + 1 < len(events) else len(sentence)
        rate = respectively.get(i) or _beside(sentence, event, limit, figures)
        out.append(event._replace(rate=rate if event.assertion is Assertion.PRESENT else None))
    return out


def _respectively(
    sentence: str, events: list[Event], figures: list[tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    if "respectively" not in sentence or len(events) < 2:
        return {}
    after = [f for f in figures if f[0] > events[-1].end]
    return dict(enumerate(after)) if len(after) == len(events) else {}


def _beside(
    sentence: str, event: Event, limit: int, figures: list[tuple[int, int]]
) -> tuple[int, int] | None:
    near = [f for f in figures if event.end <= f[0] < min(limit, event.end + 60)]
    in_brackets = [f for f in near if re.match(r"[^,;()]{0,30}\([^)]*$", sentence[event.end : f[0]])]
    if in_brackets:
        return in_brackets[0]
    if event.use == "tolerability":
        return None
    threshold = _THRESHOLD.search(sentence)
    if threshold and event.use != "composite":
        return threshold.span("rate")
    before = [f for f in figures if event.start - 90 < f[1] <= event.start]
    if before and re.search(
        r"\b(?:experienc|report|had|develop|discontinu|suffer|show)", sentence[before[-1][1] : event.start]
    ):
        return before[-1]
    if near and re.match(r"[^,;]{0,40}\b(?:in|by|was|were)\b[^,;]*$", sentence[event.end : near[0][0]]):
        return near[0]
    return None if figures else _counted(sentence, event, limit)


def _counted(sentence: str, event: Event, limit: int) -> tuple[int, int] | None:
    """Give how many people had an effect where no percentage is given, `three patients`."""
    for m in _COUNT.finditer(sentence):
        if m.end() <= event.start and event.start - m.end() < 70:
            if _HAD.search(sentence[m.end() : event.start]):
                return m.span()
        elif event.end <= m.start() < min(limit, event.end + 50) and _SEEN_IN.search(
            sentence[event.end : m.start()]
        ):
            return m.span()
    return None
