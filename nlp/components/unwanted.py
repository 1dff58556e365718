"""The unwanted effects that one sentence states: which, whether, how often, and if they passed."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from nlp.components.assertion import Cue, clauses, cues, governing, read_assertion
from nlp.components.events import Event, tested, with_rates
from nlp.finding import Assertion, Comparison
from nlp.sieve import word_finder
from nlp.vocabulary import read_table


class Phrase(NamedTuple):
    """Words of a folded sentence that may name an unwanted effect; `use` as in adverse_event_phrases.tsv."""

    start: int
    end: int
    group: str
    use: str
    serious: bool = False


_ROWS = read_table("adverse_event_phrases.tsv")
_find_phrases = word_finder([row["pattern"] for row in _ROWS], after=r"(?![\w])(?!-(?!or))")
_WORDS = read_table("unwanted_effect_words.tsv")
_ADJECTIVE = "|".join(row["word"] for row in _WORDS if row["part"] == "adjective")
_STRONG = re.compile(
    "|".join(row["word"] for row in _WORDS if row["part"] == "adjective" and row["use"] == "event")
)
_HEAD = "|".join(row["word"] for row in _WORDS if row["part"] == "head")
_ADVERSE_HEAD = re.compile("|".join(row["word"] for row in _WORDS if row["use"] == "adverse"))
_LISTED = re.compile(
    rf"(?<![\w-])(?:(?:{_ADJECTIVE})(?:(?:,? (?:and|or|and/or) |, |/| )(?:{_ADJECTIVE}))*)"
    rf" (?:{_HEAD})(?![\w-])"
)
_ONE_ADJECTIVE = re.compile(rf"(?<![\w-])(?:{_ADJECTIVE})(?![\w-])")
_CONTEXT = re.compile(
    r"\badverse\b|side[- ]?effect|\bt?e?aes?\b|tolera[bnt]|complication|\bsafety\b|untoward|undesir|unwanted"
    r"|\b(?:most )?(?:common(?:ly)?|frequent(?:ly)?) (?:report|observ|symptom|were)|\btransient"
    r"|\bincidents? of\b|\btreatment-emergent|\bketamine-(?:induced|related|associated)|\bworsening\b"
    r"|\bexacerbat|\bprovok|\bcomplain"
)
_OCCURS = re.compile(
    r"\b(?:induc|caus|produc|elicit|evok|provok|trigger|experienc|develop|report|occur|observ|suffer"
    r"|complain|associated with"
    r"|result|lead|led to|present|noted|seen|show|increas|reduc|decreas|without|free|absence|incidence"
    r"|common|had|have|has|includ)"
)
_UNREAD = re.compile(
    r"\b(?:aim|purpose|objective|goal)s?\b|\b(?:we|to) (?:aimed|assess|investigate|evaluate|examine"
    r"|determine|compare|test|explore)\b"
    r"|\b(?:we|study) (?:assessed|investigated|examined|evaluated|tested|hypothesi[sz]ed)\b"
    r"|\bhypothesi[sz]|\bwill (?:also |then )?be\b|\bprimary outcomes? (?:was|were|is)\b|\brisk (?:of|for) bias\b"
    r"|\b(?:future|further) (?:studies|research|trials|work)\b|\bwarranted\b"
    r"|\bnot (?:\w+ )?(?:studied|examined|assessed|evaluated|investigated|measured|recorded)\b"
    r"|\b(?:was|were) recorded (?:before|at|after|during|every|until|for)\b"
    r"|\bmodel(?:s|ling)? of\b|\bfactor analysis\b|\bcronbach|\bcertainty (?:for|of|evidence)\b"
)
_UNREAD_CLAUSE = re.compile(
    r"\b(?:were|was|are|is) (?:also )?(?:assessed|measured|evaluated|monitored|recorded|collected"
    r"|rated|compared|examined|investigated|documented|registered|studied|explored)\b"
    r"(?!.{0,80}\b(?:were|was) (?:not|higher|lower|similar|observed|seen|more|less))"
    r"|\bpredict|\bmediat|\bcorrelat|\b(?:relationship|interaction)s? (?:between|of|with)\b"
    r"|\bprofiles? of\b|\breporting of\b|\bmonitoring\b"
)
_TRANSIENT = re.compile(
    r"\btransient(?:ly)?\b|\btemporar(?:y|ily)\b|\bself-limit|\bresolv(?:ed|ing|es)|\bresolution\b"
    r"|\bshort-?(?:lived|lasting|lived)\b|\bbrief\b"
    r"|\breturn(?:ed|ing)? to (?:baseline|normal)|\bsubsid|\bdisappear|\breversible\b|\bdissipat"
    r"|\bremitted within|\babated\b|\bceased\b|\bcleared (?:up |within|by|after|in)\b"
)
_SERIOUS = re.compile(r"\b(?:serious|severe|major|life-threatening|grave)\b")
_LEADING_SERIOUS = re.compile(r"(?<!less )(?:serious|severe|major|life-threatening)(?: \w+){0,2} $")
_WITHDRAWN = re.compile(
    r"\b(?:discontinu|withdr(?:ew|awn|awing)\b|withdrawals? (?:from|due)|dropped out|drop-?outs?|led to"
    r" (?:study|treatment))"
)
_TITLE_ONLY = re.compile(r"[^a-z]+")


def phrases(sentence: str) -> list[Phrase]:
    """Find the words of a folded sentence that may name unwanted effects, in order, not overlapping."""
    found: list[Phrase] = []
    for m in _LISTED.finditer(sentence):
        found.extend(_parts_of_list(sentence, m.start(), m.end()))
    for start, end, number in _find_phrases(sentence):
        row = _ROWS[number]
        found.append(Phrase(start, end, row["group"], row["use"], row["serious"] == "1"))
    found.sort(key=lambda p: (p.start, -p.end))
    kept: list[Phrase] = []
    for phrase in found:
        if not kept or phrase.start >= kept[-1].end:
            kept.append(phrase)
        elif phrase.end > kept[-1].end:
            kept[-1] = phrase
    return kept


def _parts_of_list(sentence: str, start: int, end: int) -> list[Phrase]:
    """Give a phrase for each adjective of `psychotic and dissociative effects`, the last with the head."""
    adjectives = list(_ONE_ADJECTIVE.finditer(sentence, start, end))
    adverse = _ADVERSE_HEAD.search(sentence, adjectives[-1].end(), end) is not None
    parts = []
    for i, m in enumerate(adjectives):
        last = i == len(adjectives) - 1
        if not last and sentence[m.end() : m.end() + 1] == " " and adjectives[i + 1].start() == m.end() + 1:
            continue
        use = "event" if adverse or _STRONG.match(sentence, m.start()) else "context"
        parts.append(Phrase(m.start(), end if last else m.end(), m.group(), use))
    return parts


def read_events(
    sentence: str, conditions: Sequence[str] = (), drugs: Sequence[tuple[int, int, bool]] = ()
) -> list[Event]:
    """Read the unwanted effects that a folded sentence states.

    `conditions` are folded words of what is treated, `drugs` the drugs named in the sentence: offsets,
    and whether each is of the ketamine family.
    """
    found = phrases(sentence)
    unread = _UNREAD.search(sentence)
    if unread:
        found = [
            phrase
            for phrase in found
            if phrase.end <= unread.start() and _OCCURS.search(sentence, 0, unread.start())
        ]
    if not found:
        return []
    found = _with_listed(sentence, found)
    adverse = _CONTEXT.search(sentence) is not None
    events, all_cues, parts = [], cues(sentence), clauses(sentence)
    listed = any(p.use == "event" for p in found)
    for i, phrase in enumerate(found):
        if not _is_event(sentence, phrase, adverse, listed, conditions) or _is_header(
            sentence, phrase, found[:i], found[i + 1 :]
        ):
            continue
        clause = next(((a, b) for a, b in parts if a <= phrase.start < b), (0, len(sentence)))
        if _UNREAD_CLAUSE.search(sentence, *clause) or not _is_of_family(sentence, clause, phrase, drugs):
            continue
        event = _read_one(sentence, phrase, clause, all_cues, drugs)
        if event:
            events.append(event)
    return with_rates(sentence, tested(sentence, events))


_HEADER = re.compile(
    r"(?: profiles?| rates?)?(?: \([^)]*\))?(?: (?:during|in|with|of|after|to|for|following|reported)(?:"
    r" (?!were |was )[\w'/-]+){1,7}?)?,?"
    r" (?:were|was|included?|includes|including|such as|comprised|consisted of|like|e\.g\.,?|i\.e\.,?"
    r"|mainly|namely|are|of|\(e\.g\.,?)"
    r"(?: (?:the|most|common|commonly|frequent|frequently|mild|transient|acute|primarily|mainly|increased"
    r"|reported|observed))*:? "
    r"|(?: \([^)]*\))?:|, mainly |, especially | were (?:\w+ ){0,2}, the most common being "
)
_SIGN = re.compile(
    r"(?: \([^)]*\))?,? ?(?:and |or )?(?P<sign>(?:increased |elevated )?(?:heart rate|pulse(?: rate)?"
    r"|respiratory rate|blood pressure|hr|bp"
    r"|oxygen consumption|cardiac output|catecholamines?))\b"
)
_LIST_END = re.compile(r"[.;]|, (?:which|with|were|was|showed)\b")
_LIST_PARTS = re.compile(r"((?: \([^)]*\))?,? (?:and |or |as well as )|(?: \([^)]*\))?, |\()")
_ITEM = re.compile(r"[a-z][a-z'/-]*(?: [a-z][a-z'/-]*){0,3}")
_NO_ITEM = re.compile(
    r"\b(?:were|was|is|are|had|have|has|did|not|the|which|that|who|all|most|with|than|both|group|patients?"
    r"|ketamine|esketamine|placebo"
    r"|observed|reported|occurred|resolved|transient|other|others|or|and|mild|moderate|severe|no|none"
    r"|respectively|in|at|by|after|during|p|vs|versus)\b"
)


_CALLED = re.compile(
    r"\b(?:was|were|is|are|as) (?!a result)[^,;]*\b(?:common|frequent(?:ly)?|reported|an?)\b[^,;]*$"
)


def _is_header(sentence: str, phrase: Phrase, earlier: Sequence[Phrase], later: Sequence[Phrase]) -> bool:
    """Tell whether a composite phrase only introduces the effects that follow it."""
    if phrase.use != "composite":
        return False
    if re.match(r"[^.;]{0,30}\bexcept|[^.;]{0,12}\bother than", sentence[phrase.end :]):
        return True
    if earlier and _CALLED.search(sentence[earlier[-1].end : phrase.start]):
        return True
    m = _HEADER.match(sentence, phrase.end)
    return m is not None and any(p.use != "composite" and p.start - m.end() < 25 for p in later)


def _with_listed(sentence: str, found: list[Phrase]) -> list[Phrase]:
    """Add the unnamed members of a list of effects: between two known ones, or beside one after a header."""
    added: list[Phrase] = []
    for a, b in pairwise(found):
        if a.use == "event" and b.use in ("event", "context") and b.start - a.end < 90:
            added.extend(_items(sentence, a.end, b.start))
    for phrase in found:
        if phrase.group == "cardiovascular":
            added.extend(_vital_signs(sentence, phrase.end))
        header = _HEADER.match(sentence, phrase.end) if phrase.use == "composite" else None
        if header:
            added.extend(_after_header(sentence, header.end(), found))
    return sorted([*found, *added], key=lambda p: p.start) if added else found


def _vital_signs(sentence: str, start: int) -> Iterable[Phrase]:
    """Give the other signs of `increases in blood pressure, heart rate, and respiratory rate`."""
    m = _SIGN.match(sentence, start)
    while m:
        yield Phrase(m.start("sign"), m.end("sign"), "cardiovascular", "context")
        m = _SIGN.match(sentence, m.end())


def _after_header(sentence: str, start: int, found: Sequence[Phrase]) -> list[Phrase]:
    """Give the unnamed members of the list that begins at `start`, where it is a list."""
    end = _LIST_END.search(sentence, start)
    position, members, named = start, [], False
    for piece in _LIST_PARTS.split(sentence[start : end.start() if end else len(sentence)]):
        words = piece.strip()
        at = position + piece.find(words)
        position += len(piece)
        if not words or _LIST_PARTS.fullmatch(piece):
            continue
        if any(p.start < at + len(words) and at < p.end for p in found):
            named = True
        elif _ITEM.fullmatch(words) and not _NO_ITEM.search(words):
            members.append(Phrase(at, at + len(words), "listed", "event"))
        else:
            break
    return members if named or len(members) > 2 else []


def _items(sentence: str, start: int, end: int) -> Iterable[Phrase]:
    between = sentence[start:end]
    if not re.match(r"(?: \([^)]*\))?, ", between) or not re.search(r",? (?:and|or) $|, $", between):
        return
    position = start
    for piece in re.split(
        r"(, (?:and |or )?| and | or )", re.sub(r"\([^)]*\)", lambda m: "#" * len(m[0]), between)
    ):
        words = piece.strip(" #")
        if words and _ITEM.fullmatch(words) and not _NO_ITEM.search(words):
            at = position + piece.index(words)
            yield Phrase(at, at + len(words), "listed", "event")
        position += len(piece)


def _is_of_family(
    sentence: str, clause: tuple[int, int], phrase: Phrase, drugs: Sequence[tuple[int, int, bool]]
) -> bool:
    """Tell whether the effect is not said of another drug alone."""
    here = [
        d
        for d in drugs
        if clause[0] <= d[0] < clause[1]
        and not re.match(r"-(?:related|induced|sparing)", sentence[d[1] : d[1] + 9])
    ]
    if not here or any(member for _, _, member in here):
        return True
    before = [d for d in here if d[1] <= phrase.start]
    if not before:
        return not re.match(
            r"[^,;]{0,30}\b(?:of|by|after|with|in) (?:\w+ ){0,2}$", sentence[phrase.end : here[0][0]]
        )
    start = before[-1][0]
    return (
        re.search(
            r"\b(?:than|versus|vs\.?|compared (?:with|to)|between|both|plus|with|and|to) (?:\w+ )?$",
            sentence[:start],
        )
        is not None
    )


def _is_event(sentence: str, phrase: Phrase, adverse: bool, listed: bool, conditions: Sequence[str]) -> bool:
    words = sentence[phrase.start : phrase.end]
    if any(words in c or c in words for c in conditions if len(c) > 3):
        return False
    if phrase.use in ("composite", "tolerability", "event"):
        return True
    return adverse or (listed and phrase.group not in ("psychiatric", "composite", "withdrawal"))


_THAN = re.compile(r"\b(?:than|compared (?:with|to)|versus|vs\.?|relative to)\b")


def _is_of_control(
    sentence: str, clause: tuple[int, int], phrase: Phrase, drugs: Sequence[tuple[int, int, bool]]
) -> bool:
    """Tell whether a comparison is made from the other side: `more nausea with placebo than ketamine`."""
    here = [d for d in drugs if clause[0] <= d[0] < clause[1] and not phrase.start <= d[0] < phrase.end]
    than = _THAN.search(sentence, *clause)
    before = [d for d in here if not than or d[1] <= than.start()]
    return bool(before) and not any(member for _, _, member in before)


def _read_one(
    sentence: str,
    phrase: Phrase,
    clause: tuple[int, int],
    all_cues: Iterable[Cue],
    drugs: Sequence[tuple[int, int, bool]],
) -> Event | None:
    readings = governing(all_cues, clause, phrase.start, phrase.end)
    assertion, comparison = read_assertion(readings)
    start, end = phrase.start, phrase.end
    serious = phrase.serious and assertion is not Assertion.ABSENT
    leading = _LEADING_SERIOUS.search(sentence, max(0, start - 40), start)
    if leading and phrase.use == "composite":
        start, serious = leading.start(), True
    elif leading:
        serious = True
    if phrase.use == "tolerability":
        return _tolerability(sentence, phrase, readings)
    if comparison in (Comparison.MORE, Comparison.LESS) and _is_of_control(sentence, clause, phrase, drugs):
        comparison = Comparison.LESS if comparison is Comparison.MORE else Comparison.MORE
    transient = assertion is not Assertion.ABSENT and _TRANSIENT.search(sentence) is not None
    if assertion is Assertion.PRESENT and _WITHDRAWN.search(sentence):
        serious = True
    return Event(start, end, phrase.group, phrase.use, assertion, comparison, None, transient, serious)


def _tolerability(sentence: str, phrase: Phrase, readings: set[str]) -> Event | None:
    words = sentence[phrase.start : phrase.end]
    before = sentence[max(0, phrase.start - 40) : phrase.start]
    similar = "similar" in readings or re.search(
        r"\b(?:in|by|for) both (?:\w+ )?(?:groups|arms|drugs)\b", sentence
    )
    comparison = Comparison.SIMILAR if similar else None
    start, end = phrase.start, phrase.end
    if ("tolera" in words and "-" in words) or words.startswith("well "):
        start = end - len(words.split("tolera")[1]) - len("tolera")
    if words.startswith("safety") and "absent" not in readings:
        return None
    if words == "safe" and (
        "tolera" in sentence or not re.search(r"\b(?:was|were|is|be) (?:\w+ )?$", before)
    ):
        return None
    if words == "tolerability" and not (
        re.search(r"\b(?:good|excellent|favou?rable|acceptable|similar|comparable) (?:\w+ ){0,3}$", before)
        or re.match(r" (?:was|is|were) (?:\w+ )?(?:good|excellent|favou?rable|acceptable)", sentence[end:])
    ):
        return None
    if re.search(r"\b(?:whether|if|not|less|poorly) (?:\w+ ){0,2}$", before):
        return None
    return Event(start, end, "tolerability", "tolerability", Assertion.ABSENT, comparison)
