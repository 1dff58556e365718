"""How a dose was given: route, duration of one administration, frequency and course; over folded text."""

import re
from collections.abc import Sequence

from nlp.finding import Offsets, Route
from nlp.vocabulary import Row, any_of

_COUNT = (
    r"(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|sixty|ninety|"
    r"half an"
    r"|\d+(?:\.\d+)?)"
)
_SPAN = rf"(?:{_COUNT}(?: ?(?:-|to) ?{_COUNT})?)"
_CLOCK = r"(?:minutes?|mins?|min|hours?|hrs?|hr|h|seconds?|sec|s)"
_SHORT_TIME = rf"(?:{_SPAN}[ -]?(?<![a-z]){_CLOCK}|{_SPAN}[ -]{_CLOCK})\b"
_INFUSION = re.compile(
    rf"\b(?:over|for|during|within|lasting|across|along|in|of)(?: a(?: period of)?| the course of| "
    rf"approximately| about| at least)? (?P<over>{_SHORT_TIME})"
    rf"|(?P<before>{_SPAN}[ -](?:minutes?|mins?|min|hours?|hrs?|hr|h|days?|d)|\d(?:[\d.]*)(?:min|h))[ -]"
    r"(?:long |iv |i\.v\. |intravenous |continuous |constant |racemic |ketamine |esketamine |subanesthetic "
    r"){0,3}(?:infusions?|injection|period of infusion|drip|administration)"
    rf"|(?:/kg|/h|mg|/min)\)?, ?(?P<after>{_SPAN}[ -](?:minutes?|mins?|min|hours?))(?=[),;])"
)
_TIMES = (
    r"(?:once or twice|once|twice|thrice|(?:two|three|four|five|six|\d+)(?:(?:-| to | or )(?:two|three|four|"
    r"five|six|\d+))? times|either two or three times)"
)
_PERIOD = (
    r"(?:weekly|daily|monthly|(?:a|per|each|every|in a) (?:day|week|month|other day|\d weeks?)"
    r"|/ ?(?:week|day|wk|d))"
)
_SPACE = r"(?:weeks?|days?|months?|wk|day period|week period|week(?: induction)? (?:phase|period))"
_COURSE = (
    rf"(?:,? ?(?:for|over|during|in|across|within|at)(?: up to| a further| the first| an?(?: period of)?"
    rf"| a total of)? ?{_SPAN}[ -](?:more |consecutive |additional )?{_SPACE})"
)
_FREQUENCY = (
    rf"(?:{_TIMES}[ -]?{_PERIOD}|\d+(?:-\d+)? times(?= (?:over|in|within|during))"
    r"|weekly|daily|biweekly|twice-weekly|thrice-weekly|fortnightly|every (?:\w+ ){0,2}(?:days?|weeks?|hours?)"
    r"|every other (?:day|week)|every \d+(?:-\d+)? ?(?:h|hours|days|weeks)|(?:on )?alternate days"
    r"|b\.?i\.?d\.?|t\.?i\.?d\.?|q\.?i\.?d\.?)"
)
_AFTERWARDS = rf"(?:,? (?:followed by|and then|then|and|or) {_FREQUENCY}{_COURSE}?(?: thereafter)?)"
_NUMBER_OF = r"(?:three|four|five|six|eight|ten|twelve|two|\d+)"
_GIVINGS = r"(?:infusions|doses|injections|treatments|sessions|administrations)"
_SCHEDULE = re.compile(
    rf"\b(?:(?:{_NUMBER_OF} (?=weekly ))?{_FREQUENCY}{_COURSE}?{_AFTERWARDS}{{0,3}}(?! intervals?)"
    rf"|(?:up to )?{_COUNT} (?:\w+ ){{0,3}}{_GIVINGS}{_COURSE}"
    rf"|{_NUMBER_OF} (?:intravenous |iv |repeated |ketamine |esketamine |subanesthetic )*{_GIVINGS}"
    rf"|at (?:{_COUNT}[ -](?:week|day|month|hour)|weekly|daily) intervals"
    rf"|(?:at least )?{_COUNT} (?:weeks?|days?) apart|separated by (?:at least )?≥? ?{_COUNT} (?:weeks?|days)"
    r"|(?:a )?(?P<single>single(?:[ -](?:doses?|infusions?|injections?|administrations?|bolus|session"
    r"|intravenous (?:injection|dose))\b)?)"
    r"(?![ -](?:blind|cent|arm|group|site|nucleotide|item|photon|unit|institution|agent|cell|prolonged|nostril))"
    r"|one[ -]time (?:administration|dose)|(?:1|one) dose|on one occasion|once(?= (?:i\.?v|intra|oral|sub|before|prior))"
    r"|(?<=\bon )day (?:1|0)|continuous(?:ly)?(?: infusion)?)\b"
)


# `DSM-IV`, `grade IV`; what is oral or nasal but no way of giving; analgesia that another drug may be given for
_NO_ROUTE_BEFORE = re.compile(
    r"(?:\b(?:dsm|version|volume|phase|stage|grade|class|schedule|type|axis|level|study|part)[ -]|patient[ -]controlled )$"
)
_NO_ROUTE_AFTER = re.compile(
    r"[ -](?:secretions?|feeding|intake|mucos\w+|cavity|surgery|surgical|hygiene|health|cancer|lesions?|bleeding|"
    r"care|airway|breathing|cannula|congestion|discomfort|hood|mask|oxygen|intubation|food|fluids?|diet|submucous|"
    r"antidepressants?|opioids?|morphine equivalents?|analgesi\w+|contracepti\w+|and maxillofacial|airflow|blockers?"
    r"|anesthe\w+|anaesthe\w+|access|line|catheter|fluid)\b"
)


class Routes:
    """The table of routes, ready to match."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Compile one expression for words and one for abbreviations that must be written in capitals."""
        capitals = [row["term"] for row in rows if row["term"].isupper()]
        words = [row["term"] for row in rows if not row["term"].isupper()]
        self.words = re.compile(rf"(?<![\w.])(?:{any_of(words)})(?![\w])")
        self.capitals = re.compile(rf"(?<![\w.])(?:{'|'.join(capitals)})(?![\w.])")
        self.routes = {re.sub(r"[\s-]", "", row["term"]): Route(row["route"]) for row in rows}

    def find(self, text: str, folded: str, start: int, end: int) -> list[tuple[int, int, Route]]:
        """Give the routes named between two offsets, in reading order."""
        found = [
            (match.start(), match.end(), self.routes[re.sub(r"[\s-]", "", match[0])])
            for pattern, source in ((self.words, folded), (self.capitals, text))
            for match in pattern.finditer(source, start, end)
            if not _NO_ROUTE_BEFORE.search(folded, max(start, match.start() - 20), match.start())
            and not _NO_ROUTE_AFTER.match(folded, match.end())
        ]
        return sorted({spot[0]: spot for spot in found}.values())


def find_infusions(folded: str, start: int, end: int) -> list[Offsets]:
    """Give the durations of one administration between two offsets."""
    found = []
    for match in _INFUSION.finditer(folded, start, end):
        found.append(next(match.span(name) for name in ("over", "before", "after") if match[name]))
    return found


def find_schedules(folded: str, start: int, end: int) -> list[Offsets]:
    """Give the words for frequency and course between two offsets."""
    return [
        match.span("single") if match["single"] else match.span()
        for match in _SCHEDULE.finditer(folded, start, end)
    ]
