"""When something was measured, as results state it (`24 h`, `day 7`, `after the first infusion`), each time with its offsets.

Searched in folded text, as in `nlp.components.numbers`. A time is quoted without `the` before it and without what it is counted
from after it (`24 h` of `24 h post-infusion`), and of several numbered days the first is (`day 1` of `days 1, 3 and 7`).
"""

import re
from functools import lru_cache

from nlp.components.numbers import SENTENCES, WORDS, Quantity

_UNIT = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|d|nights?|weeks?|wks?|months?|mo|years?|yrs?)\b"
)
_TENS = (
    r"(?:twenty|thirty|forty|fifty|sixty|ninety)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_NUMBER = r"\d+(?:\.\d+)?"
_COUNT = (
    rf"(?:{_NUMBER}(?:\s?(?:-|to|and|or|,|, and|, or)\s?{_NUMBER})*"
    rf"|(?:{_TENS}|{WORDS}|several)(?:\s(?:to|or)\s(?:{WORDS}))?)"
)
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|last|final|initial|\d{1,2}(?:st|nd|rd|th))"
_GIVEN = r"(?:infusions?|injections?|doses?|treatments?|sessions?|ects?(?: treatments?| sessions?)?|administrations?)"
_COURSE = (
    r"(?:treatments?|study|infusion|trial|induction|follow-?up|therapy|ect|course|treatment course|surgery|anesthesia"
    r"|anaesthesia|operation|procedure|infusions)"
)
_SINCE = r"\s?post-?(?:dose|infusion|operative(?:ly)?|treatment|injection|surgery|partum|baseline|operation)\b|\s?postoperatively"
_STAGE = (
    r"(?:surgery|(?:maintenance )?treatment|(?:\S+ )?infusions?|anesthesia|anaesthesia|operation|emergence|recovery|procedure"
    r"|study period|ect|follow-?up|hospitali[sz]ation|induction|pregnancy)"
)
_WHEN = re.compile(
    r"\b(?:(?P<numbered>(?:pod|post-?(?:operative|infusion|partum|treatment) (?:days?|weeks?|hours?)|days?|weeks?|months?|hours?"
    r"|visits?) ?\d+(?: ?(?:-|to) ?\d+)?)(?:(?: ?, ?and ?| ?, ?| and | or )\d+)*\b(?! ?%)"
    rf"|(?P<counted>(?:first |initial |last )?{_COUNT}[\s-]?{_UNIT}(?: follow-?up\b)?)(?:{_SINCE})?"
    r"|(?:treatment |study |primary )?end-?point(?!s)"
    rf"|(?:end|completion) of (?:(?:the|her|his|their) )?(?:\S+ )?{_COURSE}\b|study end\b"
    rf"|after (?:the )?{_ORDINAL} {_GIVEN}\b"
    rf"|after (?:\d+|{WORDS}) (?:\S+ )?{_GIVEN}\b"
    rf"|during (?:the )?{_STAGE}\b"
    r"|immediately (?:after|following) (?:the )?(?:infusion|treatment|injection|administration|dose|surgery)"
    r"|post-?infusion|post-?treatment|postoperatively|intraoperatively"
    rf"|{_ORDINAL} (?:post-?operative )?(?:infusion|injection|dose|treatment|session|ect|week|day|month|hour|24 h(?:ours)?)\b"
    r"|single (?:infusion|injection|dose)"
    r"|(?:acute|maintenance|induction|optimization)[- ](?:treatment )?phase"
    r"|(?:short|long)[- ]term(?= ?,|\.|;| \()"
    r"|t[1-9]\b"
    r"|all time ?points|any time ?point"
    r"|(?<!-)discharge|follow-?up)\b"
)
_NOT_BEFORE = re.compile(
    r"(?:\b(?:aged?|over|of|lasting|every|per|past|previous|than|under|recent|each|infused|by|range|fit for"
    r"|half-life)\s+(?:a |the |approximately |about )?(?:total of )?"
    r"|-|/|mg/kg/|short |\d\s?[,;]\s?|(?:±|\+/-|\+-|=|≥|≤|>) ?|\d (?:vs\.?|versus|to|and) )$"
)
"""Before ages, lengths of giving and what was itself measured in units of time."""
_NOT_AFTER = re.compile(
    r"\s?(?:of age|old|-old|history|apart|infusions?\b|trial|study|course|interval|open|-arm|duration|of"
    r" (?:treatment|follow)|(?:anoxia|later\b|longer|shorter|earlier\b))"
    r"|-(?:long|old)|/|,? ?[\[(] ?(?:95 ?%|interquartile|iqr|range|sd|±)|\s?(?:±|\+/-|vs\b|versus\b|analys[ei]s\b)"
)


@lru_cache(maxsize=SENTENCES)
def timepoints(text: str) -> tuple[Quantity, ...]:
    """Find when something was measured; ages and durations of giving are left out."""
    found = []
    for m in _WHEN.finditer(text):
        if _NOT_BEFORE.search(text, max(0, m.start() - 24), m.start()) or _NOT_AFTER.match(text, m.end()):
            continue
        start, end = m.span(m.lastgroup or 0)
        found.append(Quantity("timepoint", start, end, text[start:end]))
    return tuple(found)
