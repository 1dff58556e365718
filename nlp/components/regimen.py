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
_SHORT_TIME = rf"{_SPAN}[ -]?(?:minutes?|mins?|min|hours?|hrs?|hr|h|seconds?|sec|s)\b"
_INFUSION = re.compile(
    rf"\b(?:over|for|during|within|lasting|across|in|of)(?: a(?: period of)?| the course of| "
    rf"approximately| about| at least)? (?P<over>{_SHORT_TIME})"
    rf"|(?P<before>{_SPAN}[ -]?(?:minutes?|mins?|min|hours?|hrs?|hr|h|day|d))[ -](?:long |iv |i\.v\. |"
    rf"intravenous |continuous |constant |racemic |ketamine |esketamine |subanesthetic ){{0,3}}"
    r"(?:infusions?|injection|period of infusion|drip)"
)
_TIMES = (
    r"(?:once|twice|thrice|three times|two times|four times|\d+(?:-\d+)? times|one to three times"
    r"|two or three times|either two or three times)"
)
_PERIOD = r"(?:weekly|daily|monthly|(?:a|per|each|every) (?:day|week|month|other day)|/ ?(?:week|day|wk|d))"
_COURSE = (
    rf"(?:,? ?(?:for|over|during|in|across|within)(?: up to| a further| the first| an? )? ?{_SPAN}[ "
    rf"-](?:more |consecutive |additional )?"
    r"(?:weeks?|days?|months?|wk|day period|week period|week(?: induction)? (?:phase|period)))"
)
_SCHEDULE = re.compile(
    rf"\b(?:{_TIMES}[ -]{_PERIOD}{_COURSE}?"
    rf"|(?:weekly|daily|biweekly|twice-weekly|thrice-weekly|fortnightly|every (?:\w+ ){{0,2}}(?:days?|"
    rf"weeks?|hours?)|every other (?:day|week)|b\.?i\.?d\.?|t\.?i\.?d\.?){_COURSE}?"
    rf"|{_COUNT} (?:\w+ ){{0,3}}(?:infusions|doses|injections|treatments|sessions|administrations){_COURSE}"
    r"|(?:three|four|five|six|eight|two|\d+) (?:intravenous |iv |repeated |ketamine |subanesthetic "
    r")*(?:infusions|doses|treatments)"
    r"|(?:a )?(?P<single>single(?:[ -](?:low |intravenous |iv |i\.v\. |subanesthetic |sub-anesthetic |"
    r"bolus |intranasal |oral )*(?:doses?|infusions?|injections?|administrations?|bolus|session))?)"
    r"|one[ -]time (?:administration|dose)|bolus|continuous(?:ly)?(?: infusion)?|on alternate days)\b"
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
        ]
        return sorted({spot[0]: spot for spot in found}.values())


def find_infusions(folded: str, start: int, end: int) -> list[Offsets]:
    """Give the durations of one administration between two offsets."""
    found = []
    for match in _INFUSION.finditer(folded, start, end):
        name = "over" if match["over"] else "before"
        found.append(match.span(name))
    return found


def find_schedules(folded: str, start: int, end: int) -> list[Offsets]:
    """Give the words for frequency and course between two offsets."""
    return [
        match.span("single") if match["single"] else match.span()
        for match in _SCHEDULE.finditer(folded, start, end)
    ]
