"""What kind of study, by points: words that speak for each design, each counted once.

The words are a table of regular expressions (study_cues.tsv), the points another (study_points.tsv), fitted
to annotated abstracts by nlp/training/fit_study_points.py, so that both can be read and corrected by a
person.
"""

import math
import re
from collections.abc import Iterable, Sequence

from nlp.extensions import Section, Sentence
from nlp.finding import Blinding, Design, Species
from nlp.sieve import Expression, Sieve
from nlp.vocabulary import Row

_OWN = frozenset({"title", "aim", "methods", "results"})


class Cues:
    """The table of cues, ready to match."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Compile the expressions; a row of `words` is what later patterns name in braces."""
        words = {row["cue"]: row["pattern"] for row in rows if row["where"] == "words"}
        self.words = {name: re.compile(rf"\b{pattern}\b") for name, pattern in words.items()}
        places: dict[str, list[Expression]] = {}
        for row in rows:
            if row["where"] != "words":
                pattern, times = _filled(row["pattern"], words), int(row["times"] or 1)
                places.setdefault(row["where"], []).append(Expression(row["cue"], pattern, times))
        self.sieves = {place: Sieve(expressions) for place, expressions in places.items()}

    def find(self, folded: str, sections: Sequence[Section], sentences: Sequence[Sentence]) -> set[str]:
        """Give the names of the cues that a document holds."""
        where = {
            "any": folded,
            "title": folded[: sections[0].end] if sections else "",
            "own": " . ".join(folded[s.start : s.end] for s in sentences if s.role in _OWN),
            "label": " | ".join((s.label or "").casefold() for s in sections),
        }
        return {name for place, sieve in self.sieves.items() for name in sieve(where[place])}


def _filled(pattern: str, words: dict[str, str]) -> str:
    for name, list_ in words.items():
        pattern = pattern.replace(f"{{{name}}}", list_)
    return pattern


class Points:
    """Points of each cue for each value of a field."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Read a wide table: a cue a row, a value a column."""
        self.values = [name for name in rows[0] if name != "cue"]
        self.points = {row["cue"]: [float(row[value] or 0) for value in self.values] for row in rows}

    def sums(self, cues: Iterable[str]) -> dict[str, float]:
        """Give the sum of points of each value, whatever the order of the cues."""
        rows = [self.points[name] for name in ("bias", *cues) if name in self.points]
        return dict(zip(self.values, (math.fsum(column) for column in zip(*rows, strict=True)), strict=True))


def design_of(sums: dict[str, float], publication_types: Sequence[str], types: Sequence[Row]) -> Design:
    """Give the design with the most points; MeSH publication types add theirs where a record has them."""
    sums = dict(sums)
    for row in types:
        if row["ui"] in publication_types:
            sums[row["design"]] += float(row["points"])
    return Design(max((name for name in sums if name in set(Design)), key=lambda name: sums[name]))


_REVIEWS = {Design.META_ANALYSIS, Design.SYSTEMATIC_REVIEW}
_COUNTED = {"patients-counted", "interviews", "survey", "aged-patient"}


def species_of(
    cues: set[str], design: Design, sums: dict[str, float], folded: str, words: dict[str, re.Pattern[str]]
) -> Species:
    """Give the species: whose the subjects are, none for a text without subjects of its own."""
    title = folded.partition("\n")[0]
    animals = bool(cues & {"animals", "rodents-title"})
    if design in _REVIEWS:
        both = (animals and "preclinical" in cues) or _BOTH.search(folded)
        return Species.MIXED if both else Species.HUMAN
    if design == Design.OTHER and "patients-counted" not in cues and "letter-title" in cues:
        return Species.NONE
    if design == Design.OTHER and "comments-on" in cues:
        return Species.NONE
    beasts, humans = (len(words[name].findall(folded)) for name in ("animals", "people"))
    people = bool(cues & {"aged-patient", "patients-counted", "case-report"})
    own = design != Design.REVIEW or not (humans or cues & _TELLING)
    beastly = animals and own and beasts > humans
    if animals and design != Design.REVIEW and _paired(title, words):
        return Species.MIXED
    if beastly and words["animals"].search(title) and not words["people"].search(title):
        return Species.ANIMAL
    if design == Design.PRECLINICAL or (beastly and not people):
        if not animals and "in-vitro" in cues:
            return Species.IN_VITRO
        return Species.MIXED if people and "human-subjects" in cues and not animals else Species.ANIMAL
    if design in (Design.REVIEW, Design.OTHER) and not cues & _COUNTED and sums["no_subjects"] > -1.0:
        searched = design == Design.REVIEW and sums["systematic_review"] > sums["review"] - _CLOSE
        return Species.HUMAN if searched else Species.NONE
    if animals and people and cues >= {"animal-tests", "rodents"}:
        return Species.MIXED
    return Species.NONE if sums["no_subjects"] > 0 and design != Design.CASE_REPORT else Species.HUMAN


_TELLING = {"review", "review-title", "discusses", "literature"}
_CLOSE = 1.0  # in points: a review that nearly counts as systematic is one of studies with subjects

# studies of both kinds under review
_BOTH = re.compile(
    r"\b(?:animals?|rodents?|preclinical|pre-clinical)(?: \w+){0,3} (?:and|or) (?:in )?(?:humans?|clinical)\b"
    r"|\b(?:humans?|clinical) (?:and|or) (?:in )?(?:animals?|preclinical|pre-clinical|rodents?)\b"
)


def _paired(title: str, words: dict[str, re.Pattern[str]]) -> bool:
    """Say whether a title names people and animals."""
    return bool(words["animals"].search(title) and (words["people"].search(title) or "human" in title))


_DESIGNS_BLINDED = {
    Design.RANDOMIZED_TRIAL,
    Design.NONRANDOMIZED_TRIAL,
    Design.COHORT,
    Design.PRECLINICAL,
    Design.CROSS_SECTIONAL,
    Design.CASE_CONTROL,
}


def blinding_of(cues: set[str], design: Design) -> Blinding | None:
    """Give who was blinded; a review's or a report's words on blinding are about other studies."""
    if design not in _DESIGNS_BLINDED:
        return None
    if "double-blind-own" in cues and "open-label-title" not in cues:
        return Blinding.DOUBLE_BLIND
    if "open-label" in cues and "double-blind-any" not in cues:
        return Blinding.OPEN_LABEL
    if "open-label-title" in cues:
        return Blinding.OPEN_LABEL
    if "double-blind-any" in cues:
        return Blinding.DOUBLE_BLIND
    if "single-blind" in cues:
        return Blinding.SINGLE_BLIND
    return None
