"""How many subjects: every count of people or animals, and the one that is most likely the study's own.

The guidelines want the number randomised, else enrolled, else analysed; arms are added where no total is
given.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nlp.extensions import Sentence

_UNITS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SCALES = {"hundred": 100, "thousand": 1000}
_WORD = "|".join([*_TENS, *sorted(_UNITS, key=len, reverse=True), *_SCALES])
_NUMBER = (
    rf"(?:\d{{1,3}}(?:[, ]\d{{3}})+(?!\d)|\d{{1,6}}|(?:(?:{_WORD})(?:[ -](?:and )?(?={_WORD}))?){{1,8}})"
)
_NOUN = (
    r"(?:patients?|participants?|subjects?|volunteers?|adults?|men|women|children|adolescents?|individuals?"
    r"|(?:in|out)patients?|veterans?|mothers?|parturients?|people|persons?|cases?|users?|abusers?|males?"
    r"|females?|students|controls?|respondents|youths?|girls|boys|infants|responders|survivors|victims"
    r"|attendees|residents|smokers|drinkers|neonates|soldiers|humans|msm|ss|psychiatrists|members|consumers"
    r"|rats|mice|animals|monkeys|dogs|cats|horses|rabbits|pigs|sheep|goats)"
)
# up to eight words between the number and the noun, none of them a number or a verb of another clause
_COUNTED = re.compile(
    rf"(?<![\w.,/%=<>-])(?P<n>{_NUMBER})(?:/\d+)?(?P<gap>(?:,? ?\([^()]{{1,40}}\))?"
    rf"(?: (?!(?:of|were|was|to|and|or|in|with|for|at|as|by|from|who|stud(?:y|ies)|trials?|rcts?|articles|"
    rf"reports|citations|records|weeks?|days?"
    rf"|months?|hours?|hrs?|h|min|minutes?|years?|mg|ml|kg|sites?|groups?|infusions?|sessions?|doses?|cohorts?|times?|percent|cm|mm|points?|mcg|ug|m?icrog\w*|g)\b|%)[^\s.;:()\d]{{1,30}}){{0,8}}?)"
    rf" {_NOUN}\b(?!-)"
)
_N_EQUALS = re.compile(r"(?<!\w)n ?= ?(?P<n>\d{1,3}(?:[, ]\d{3})+(?!\d)|\d{1,6})(?![.\d]*%)")
_DONE = re.compile(
    rf"(?<![\w.,/%=<>-])(?P<n>{_NUMBER})(?: \([^()]{{1,40}}\))? (?:were|was|have been|had been|are) (?:\w+ )?"
    r"(?:randomi[sz]ed|randomly|enrolled|recruited|included|analy[sz]ed)\b"
    rf"|(?<![\w.,/%=<>-])(?P<o>{_NUMBER}) randomi[sz]ed(?=[,.;)]| and | to )"
    rf"|\b(?:randomi[sz]ed|enrolled|recruited|sample of|sample size (?:of|was|is)|total of|totall?ing|"
    rf"total n ?=) (?P<m>{_NUMBER})\b(?! ?(?:[a-z]+ )?(?:%|mg|years|min|h\b|hours|days|weeks|studies|trials|rcts|articles|"
    rf"sites|hospitals|groups|countries|infusions|sessions|treatments|doses|centers|centres))"
)
_RANDOMISED = re.compile(r"(?<!re)(?<!re-)randomi[sz]ed|randomly|randomi[sz]ation|allocated")
_ENROLLED = re.compile(
    r"enrol|recruit|included|participat|underwent|received|studied|investigated|total of|in total|"
    r"comprised|sample"
)
_LESS = re.compile(
    r"screened|eligib|approached|invited|excluded|dropped|withdr|discontinu|responders|of (?:whom|these|"
    r"those|them)|did not|declined|lost to"
    r"|remaining|subset|including|refused|previous|per group|each"
)
_SEX = re.compile(r"\b(?:males?|females?|men|women|boys|girls)$")
# what makes a count one arm's, one sex's or a share: `(n = 50 male`, `in group K`, `for each group`, ` (6.9%)`
_ANOTHER_ARM = re.compile(r"\),? (?:or|and|versus|vs\.?) [^.;()]{1,40}\(n ?=")
_PART = re.compile(
    r"(?: (?:males?|females?|men|women)\b| in (?:the )?(?:group|[a-z]+ (?:group|arm))\b| \(\d+(?:\.\d+)? ?%\)"
    r"|[^.;,]{0,30}\b(?:for|in|to|into|per) each\b)"
)
# `adults (n = 80)`, `trial (n = 99`: the whole, before any arm
_WHOLE = re.compile(rf"(?:\b{_NOUN}|\btrial|\bstudy)(?: (?:with|aged|who) [^.;()]{{1,60}})? \($")
_FRACTION = re.compile(r"^(?: ?\(\d|/\d| ?%| of \d| out of| \(\d)")
_EACH = re.compile(
    rf"(?P<groups>two|three|four|five|six|"
    rf"[2-9]) (?:\w+ ){{0,4}}groups?\b[^.;]{{0,60}}?(?:\(n ?= ?(?P<a>\d+)(?:,? (?:in )?each| per group|"
    rf"\)?)|of (?P<b>{_NUMBER}) (?:\w+ )?each|with (?P<c>{_NUMBER}) (?:\w+ ){{1,3}}(?:each|in each))"
)
_YEAR = re.compile(
    r"(?:in|since|from|until|to|through|and|of|[a-z]+(?:ber|ary|ry|il|ay|ne|ly|st|er|ing|all)|\d\d?,?|-) $"
)


_ASIDE = re.compile(r"[;:]| of (?:whom|these|those)|, (?:of|who)|, \d+ randomi")
_TOTAL = re.compile(r"(?:total of|in total,?|overall,?|totall?ing) $")
_FIGURE = re.compile(r"\(\d")
_SHARE = re.compile(r"(?:/|\bof|%\)?) ?$")
_OF_ALL = re.compile(r"^(?:out )?of $|(?:total|sample|group|cohort|records|data|series|number) of $")
_NO_COUNT = re.compile(r"(?:than|scores?|≥|>|score of|least|age|aged|\basa\b[^.;]{0,25}) $")
_OPENED = re.compile(r"\([^()]{0,80}$")
_BY_ROLE = {
    "title": 0.5,
    "methods": 1.0,
    "aim": 0.5,
    "results": 0.5,
    "background": -0.5,
    "registration": -2.0,
}
"""What a sentence's role counts; background under a label of its own counts one less."""


class Count(NamedTuple):
    """A count of subjects with its offsets and how likely it is the study's."""

    start: int
    end: int
    value: int
    score: float


def whole_number(text: str) -> int:
    """Read a whole number in digits or words.

    >>> whole_number("1,234"), whole_number("one hundred and twenty"), whole_number("seventy-five")
    (1234, 120, 75)
    """
    if text[0].isdigit():
        return int(re.sub(r"\D", "", text))
    total = current = 0
    for word in re.findall(_WORD, text):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0
        else:
            current += _UNITS.get(word, 0) + _TENS.get(word, 0)
    return total + current


def find_counts(folded: str, sentence: Sentence) -> list[Count]:
    """Give the counts of subjects in a sentence, sums of its arms among them."""
    start, end = sentence.start, sentence.end
    counted = [
        _scored(folded, sentence, m.start("n"), m.end(), m["n"], 2.0)
        for m in _COUNTED.finditer(folded, start, end)
    ]
    arms = [
        _scored(folded, sentence, m.start(), m.end(), m["n"], 1.0)
        for m in _N_EQUALS.finditer(folded, start, end)
    ]
    done = [
        _scored(folded, sentence, m.start(), m.end(), m["n"] or m["m"] or m["o"], 1.5)
        for m in _DONE.finditer(folded, start, end)
    ]
    found = [*counted, *arms, *done, *_joined(folded, sentence, counted)]
    found.extend(_added_arms(folded, sentence, arms, [*counted, *done]))
    for match in _EACH.finditer(folded, start, end):
        each = whole_number(match["a"] or match["b"] or match["c"])
        found.append(Count(match.start(), match.end(), whole_number(match["groups"]) * each, 4.6))
    return found


_ANOTHER = re.compile(
    rf"[^.;]{{0,90}}?(?:,|,? and) (?:in |"
    rf"a group of )?(?P<n>{_NUMBER})(?! ?%)(?: (?:[^\s.;,\d]+ ){{0,4}}(?:{_NOUN}|non-\w+|"
    r"(?!years|weeks|days|hours|mins|hrs|doses|sites|items|times)[a-z]{2,4}s)\b| to | received | were given )"
)


def _joined(folded: str, sentence: Sentence, counted: Sequence[Count]) -> Iterator[Count]:
    """Give the sums of counts that a sentence joins: `28 patients and 20 controls`, `30 to A and 31 to B`."""
    for first in counted:
        total, end, more = first.value, first.end, 0.5
        while first.score >= 2.0 and (match := _ANOTHER.match(folded, end, sentence.end)):
            between = match[0][: match.start("n") - match.start()]
            halved = between == ", " and 2 * whole_number(match["n"]) in range(
                first.value - 9, first.value + 9
            )
            if halved or _WITHIN.search(between) or between.count("(") != between.count(")"):
                break
            total, end = total + whole_number(match["n"]), match.end()
            more += 0.1
            yield Count(first.start, end, total, first.score + more)


_WITHIN = re.compile(r"including|of whom|of these|consist|compris|namely|:|who")


_OF_WHOM = re.compile(r"\bof (?:whom|these|those|which)\b")


_PARALLEL = re.compile(r"group|random|versus|vs|arms?\b|controls?\b|placebo|saline")
# `(n = 59) and without (n = 37)`: what parts two arms of one whole
_JOINED_ARMS = re.compile(r"\)?[^.;()]{0,40}(?:\b(?:and|or|than|to|while|whereas)\b|;|,)[^.;()]{0,60}\(?")


def _added_arms(
    folded: str, sentence: Sentence, arms: Sequence[Count], others: Sequence[Count]
) -> Iterator[Count]:
    """Give the sum of arms written `(n = 20)`, or once more the total that they add up to."""
    if len(arms) < 2 or _OF_WHOM.search(folded, arms[0].end, arms[-1].start):
        return
    total = sum(arm.value for arm in arms)
    score = max(arm.score for arm in arms)
    twice = len(arms) > 2  # once more the total beside its arms
    whole = next((c for c in [*arms, *others] if c.value == total or (twice and c.value * 2 == total)), None)
    if whole:
        yield whole._replace(score=max(whole.score, score) + 0.5)
    elif _PARALLEL.search(folded[sentence.start : sentence.end]) or _JOINED_ARMS.fullmatch(
        folded, arms[0].end, arms[-1].start
    ):
        yield Count(arms[0].start, arms[-1].end, total, score + 0.8)


def _scored(folded: str, sentence: Sentence, start: int, end: int, number: str, score: float) -> Count:
    value = whole_number(number)
    before, after = folded[max(sentence.start, start - 45) : start], folded[end : min(sentence.end, end + 70)]
    after = _ASIDE.split(after, maxsplit=1)[0]
    around = folded[start:end]
    randomised = bool(_RANDOMISED.search(after[:30]))
    if (
        randomised
        or _RANDOMISED.search(after[:60])
        or _RANDOMISED.search(before[-30:])
        or _RANDOMISED.search(around)
    ):
        score += 2.0
    elif _ENROLLED.search(before) or _ENROLLED.search(after):
        score += 1.5
    if _TOTAL.search(before):
        score += 1.0
    if not randomised and (
        _LESS.search(before)
        or _LESS.search(_FIGURE.split(after[:30], maxsplit=1)[0])
        or _FRACTION.search(folded[start + len(number) : start + len(number) + 8])
    ):
        score -= 2.0
    if _SHARE.search(before) and not _OF_ALL.search(before):
        score -= 0.8
    score += _BY_ROLE.get(sentence.role, 0.0) - (sentence.role == "background" and bool(sentence.label))
    if value < 3:
        score -= 2.0
    if _NO_COUNT.search(before) or (1950 < value < 2040 and _YEAR.search(before)):
        score -= 6.0
    if before.endswith("("):
        people = folded[max(sentence.start, start - 110) : start]
        of_all = _WHOLE.search(people) and not _CONTROLS.search(before) and not _ANOTHER_ARM.match(after)
        score += 0.5 if around.startswith("n") and of_all else -1.5
    if _OPENED.search(folded, max(sentence.start, start - 80), start):
        score -= 2.0 * bool(_SEX.search(around))
    score -= 2.0 * bool(_PART.match(after))
    return Count(start, end, value, score)


def sample_size(folded: str, sentences: Sequence[Sentence], *, pooled: bool = False) -> Count | None:
    """Give the most likely sample size, None where none is likely; `pooled` for meta-analyses and reviews."""
    counts = [count for sentence in sentences for count in find_counts(folded, sentence)]
    if pooled:
        people = [c for c in counts if c.value > 10 and _PEOPLE.search(folded[c.start : c.end + 14])]
        people = people or [c for c in counts if c.value > 50]
        return max(people, key=lambda count: (count.score >= 1.0, count.value), default=None)
    likely = [count for count in counts if count.score >= 0.4]
    best = max(likely, key=lambda count: (count.score, -count.start), default=None)
    return _with_controls(folded, sentences, counts, best) if best else None


_CONTROLS = re.compile(
    r"\b(?:healthy|normal)(?: [a-z-]+){0,3} (?:controls?|volunteers?|subjects|participants|individuals)\b"
)
_PATIENTS = re.compile(r"\bpatients?\b|\bwith (?!healthy)|\bdepressed\b|\bunmedicated\b")


def _with_controls(folded: str, sentences: Sequence[Sentence], counts: Sequence[Count], best: Count) -> Count:
    """Add the healthy controls that another clause counts to a count of patients; they are subjects too."""
    role = {s: s.role for s in sentences}
    place = next((s for s in role if s.start <= best.start < s.end), None)
    words = folded[best.start : best.end + 30]
    if place is None or _CONTROLS.search(words) or not _PATIENTS.search(words) or _RANDOMISED.search(words):
        return best
    controls = {
        c.value
        for c in counts
        if not (best.start <= c.start < best.end)
        and c.value <= 2 * best.value
        and (
            _CONTROLS.search(folded, c.start, c.end + 2)
            or _CONTROLS_BEFORE.search(folded[max(0, c.start - 45) : c.start])
        )
    }
    return best._replace(value=best.value + controls.pop()) if len(controls) == 1 else best


_CONTROLS_BEFORE = re.compile(
    r"\b(?:healthy|normal)(?: [a-z-]+){0,3} (?:controls?|volunteers?|subjects)(?: \([a-z]{2,3}s?\))?,? \($"
)


_PEOPLE = re.compile(
    r"patients|participants|subjects|individuals|adults|persons|people|children|women|volunteers"
)
