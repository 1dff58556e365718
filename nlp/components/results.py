"""The results that one sentence states: endpoint, direction, effect, contrast and figures."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from nlp.components.changes import Change, find_changes
from nlp.components.clause import BOUNDARY, Clause, left_list
from nlp.components.endpoints import classify, effect_of
from nlp.components.figures import (
    CLAUSE_END,
    RATIO,
    Contrast,
    Result,
    by_arms,
    told_by_figures,
    with_figures,
)
from nlp.components.numbers import percentages, rates
from nlp.components.phrases import DrugSpan, noun_phrases, words_of
from nlp.components.unwanted import phrases
from nlp.finding import Direction, Effect

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
    r" rates?)?|drop-?out rates?)\b"
)
_PEOPLE = re.compile(
    r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|all|both|most) "
    r"(?:\w+ ){0,2}(?:patients?|subjects?|participants?|individuals)\b"
)
_NOT_RESULT = re.compile(
    r"\b(?:predict(?:s|ed|or|ors|ive)?|mediat(?:e[sd]?|ion|or)|moderat(?:or|ors|ed by|ion)"
    r"|correlat(?:e[sd]?|ion|ions)|will be|aim(?:ed|s)? (?:to|of|was|at)"
    r"|(?:was|were) (?:assessed|measured|evaluated|recorded|rated|collected|determined|calculated)(?!"
    r" (?:to|as|by \w+ and)\b.{0,40}\b(?:higher|lower))"
    r"|hypothesi[sz]ed?|(?:is|are|was|were|be) (?:expected|anticipated|projected)|(?:we|i) (?:expect|anticipate|predict)"
    r"|(?:associations?|relationships?) between"
    r"|(?:further|future|more|larger|additional) (?:\w+ ){0,3}(?:studies|research|trials"
    r"|investigations?)"
    r"|defined as|inclusion criteria|risk factors?|whether|to determine|are required|carriers"
    r"|(?:than|compared (?:with|to)|versus|vs\.?) (?:the )?(?:non-?responders|responders|healthy controls"
    r"|those without))\b"
    r"|^at baseline,|\?$"
)
_LINKED = re.compile(r"\b(?:associated with|related to|linked (?:to|with)|depend(?:ed|ent) on)\b")
_UNWANTED = re.compile(
    r"\b(?:adverse|side[- ]?effects?|tolerat\w+|psychotomimetic|psychedelic|dissociati\w+|transient)\b"
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
_WITHIN = re.compile(
    r"\b(?:in|within|for|across) (?:both|all|each)(?: study| treatment)? (?:groups?|arms|conditions"
    r"|participants|patients)\b"
    r"|\b(?:decreas|reduc|increas|improv|chang|declin|fell|dropp)\w*(?: \w+){0,6} from -?[\d.]+[^;]{0,40}"
    r" to -?[\d.]+"
)
_CONTROL = re.compile(
    r"\b(?:healthy |matched |normal )?(?:controls?(?! trial| stud|led|-)(?: groups?| arm| condition|"
    r" participants| subjects)?|comparators?)\b"
)
_COMPARES = ("comparative", "same")


def read_results(
    sentence: str,
    drugs: Sequence[DrugSpan],
    short_forms: Mapping[str, str] = MappingProxyType({}),
    conditions: Sequence[str] = (),
) -> list[Result]:
    """Read the results that a folded sentence of results or conclusions states about the ketamine family.

    `short_forms` are folded short forms and their long forms, `conditions` folded words of what is treated.
    """
    if _NOT_RESULT.search(sentence):
        return []
    linked = _LINKED.search(sentence)
    if (
        linked
        and not any(d.start < linked.start() for d in drugs)
        and "treatment" not in sentence[: linked.start()]
    ):
        return []
    words = words_of(sentence, drugs)
    clause = Clause(sentence, words, noun_phrases(words), short_forms)
    found = [
        c
        for c in find_changes(clause)
        if _worth(clause, c, conditions) and not by_another_drug(sentence, c, drugs)
    ]
    results = [_result(clause, c, drugs) for c in found]
    taken = [(r.start, r.end) for r in results]
    results += [r for r in _stated(sentence) if not any(a < r.end and r.start < b for a, b in taken)]
    taken = [(r.start, r.end) for r in results]
    results += [r for r in _measured(clause, drugs) if not any(a < r.end and r.start < b for a, b in taken)]
    return [
        told_by_figures(sentence, r, drugs)
        for r in with_figures(sentence, sorted(results, key=lambda r: r.start))
    ]


_NOT_ACTING = frozenset(
    [
        "alcohol",
        "ethanol",
        "nicotine",
        "cannabis",
        "cocaine",
        "heroin",
        "opioid",
        "opioids",
        "antidepressant",
        "benzodiazepine",
        "analgesic",
        "anesthetic",
        "anaesthetic",
    ]
)


def by_another_drug(sentence: str, change: Change, drugs: Sequence[DrugSpan]) -> bool:
    """Tell whether a change is another drug's doing: its clause names that drug and none of ours."""
    cuts = [0, *(m.start() for m in CLAUSE_END.finditer(sentence)), len(sentence)]
    low = max(c for c in cuts if c <= change.start)
    high = min(c for c in cuts if c >= change.end)
    here = [
        d
        for d in drugs
        if low <= d.start < high
        and d.name not in _NOT_ACTING
        and not (d.start < change.end and change.start < d.end)
    ]
    if not here or any(d.member for d in here):
        return False
    first = here[0]
    if first.start > min(change.start, change.cue[0]):
        return False
    return not _VERSUS.search(sentence, low, high) and not re.search(
        r"compar\w+ (?:with|to) $", sentence[: first.start]
    )


def _worth(clause: Clause, change: Change, conditions: Sequence[str]) -> bool:
    words = clause.sentence[change.start : change.end]
    endpoint = clause.endpoint(change.start, change.end)
    treated = any(c in words or words in c for c in conditions)
    if endpoint and endpoint.domain == "adverse":
        return treated
    if not treated and any(p.use == "event" and p.group != "cognitive" for p in phrases(words)):
        return False
    if endpoint and change.direction is Direction.INCREASED:
        if endpoint.domain in ("dissociation", "psychosis", "mania"):
            return False
        if endpoint.domain == "physiology" and _UNWANTED.search(clause.sentence):
            return False
    return not re.fullmatch(
        r"(?:risk|effects?|outcomes?|results?|rates?|time|number|values?|levels?|scores?|treatment.*"
        r"|proportion"
        r"|percentage|size|magnitude|time.?points?|durations?|parameters?|symptoms?|cognitive|behaviou?ral"
        r"|sedative|frequency|amount|improvements?|benefits?|efficacy|effectiveness|effective|severity"
        r"|total scores?|mean scores?|response|associations?|incidences?|likelihood|baseline .*|magnitude"
        r" of .*"
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
    if _BASELINE.search(sentence) or (change.kind not in _COMPARES and _WITHIN.search(sentence)):
        return Contrast("baseline"), False
    control = _CONTROL.search(sentence)
    if control:
        return Contrast("control", control.span()), False
    if change.kind in _COMPARES or change.direction is Direction.NO_DIFFERENCE or _BETWEEN.search(sentence):
        return Contrast("control"), False
    return None, False


def _same_clause(sentence: str, start: int, end: int) -> bool:
    return not re.search(r"[;:]|, (?:but|whereas|while|and \w+ (?:was|were))", sentence[start:end])


def _measured(clause: Clause, drugs: Sequence[DrugSpan]) -> list[Result]:
    """Read `time to recovery was 17 min with ketamine and 31 min with propofol`: two figures, two arms."""
    if len({d.member for d in drugs}) != 2:
        return []
    out = []
    for i, word in enumerate(clause.words):
        if word.text not in ("was", "were") or clause.kind(i + 1) not in ("number", "time"):
            continue
        found = [p for p in left_list(clause, i + 1) if clause.is_endpoint(p)]
        spans = _figures_after(clause, i + 1)
        if len(found) != 1 or len(spans) != 2:
            continue
        p = found[0]
        stated = Result(p.start, p.end, None, Effect.UNCLEAR, None, value=spans[0], comparator_value=spans[1])
        endpoint = clause.endpoint(p.start, p.end)
        out.append(by_arms(clause.sentence, stated, drugs, None, endpoint.polarity if endpoint else "0"))
    return out


def _figures_after(clause: Clause, i: int) -> list[tuple[int, int]]:
    """Give the figures from word i to the end of the clause; what follows a `±` is none."""
    spans = []
    while i < len(clause.words) and clause.kind(i) not in BOUNDARY:
        word = clause.words[i]
        if (
            word.kind in ("number", "time")
            and word.text[0].isdigit()
            and clause.text(i - 1) not in ("±", "+/-", "+")
        ):
            spans.append((word.start, word.end))
        i += 1
    return spans


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
    if percentages(sentence) or rates(sentence) or RATIO.search(sentence) or _PEOPLE.search(sentence):
        for m in _RATE_WORDS.finditer(sentence):
            endpoint = classify(m[0])
            good = endpoint is None or endpoint.polarity == "+"
            out.append(Result(m.start(), m.end(), None, Effect.IMPROVED if good else Effect.UNCLEAR, None))
    return out
