"""The disorders and clinical settings that a study is about: the fullest mention of each, by head words.

What speaks for a condition's being studied (in the title, had by subjects, named only as a scale …) is
counted in points from a table, fitted to annotated abstracts by nlp/training/fit_study_points.py.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from nlp.extensions import Sentence
from nlp.vocabulary import Row, any_of

_MODIFIER = (
    r"(?:(?:treatment|therapy|drug|medication|pharmaco|antidepressant|pharmacotherapy)[ -]?(?:resistant|"
    r"refractory)|pharmaco-?resistant"
    r"|treatment[ -](?:resistant|refractory)|challenging-to-treat|difficult-to-treat|non-?refractory|"
    r"refractory|resistant|major|unipolar|bipolar|acute|chronic|severe(?:ly)?"
    r"|severe and|moderate(?: to |-to-)severe|moderate|mild|persistent|recurrent|post-?partum|perinatal|"
    r"prenatal|antenatal|postnatal|post-?operative"
    r"|peri-?operative|pre-?operative|post-?surgical|intra-?operative|late-life|geriatric|adolescent|pa?ediatric|comorbid|anxious|suicidal|psychotic|social"
    r"|generali[sz]ed|current|strong|high|active|passive|imminent|procedural|dental|neuropathic|"
    r"cancer(?:-related)?|phantom limb|low back|back|abdominal"
    r"|visceral|ischa?emic|musculoskeletal|orofacial|craniofacial|central|spinal cord injury|breakthrough|"
    r"burn|wound|post-?herpetic|post-?traumatic(?= (?:pain|neuralgia|headache))|trigeminal"
    r"|non-?cancer|first-episode|early-onset|cardiac|non-?cardiac|thoracic|abdominal|spinal|spine|lumbar|hip|knee|eye|ophthalmic|gyna?ecologic(?:al)?|orthop(?:a)?edic"
    r"|urological|upper|lower|laparoscopic|laparascopic|robotic|open|elective|emergency|total|radical|"
    r"major|minor|ambulatory|day-case|oral|maxillofacial|ent|dis[ck]|hip fracture|breast"
    r"|cardiovascular|vascular|colorectal|bariatric|tonsil|third molar|impacted|emergence|hyperactive|"
    r"excited|severe ethanol|problematic|harmful"
    r"|at-risk|heavy|chronic ketamine|recreational|out-of-hospital|obsessive|remifentanil-induced|"
    r"opioid-induced|drug-induced|ketamine-induced|ketamine-associated"
    r"|coronary artery|off-pump|superficial|general|regional|spinal|caudal|local|epidural|"
    r"extracorporeal shock wave|upper gastrointestinal|gastrointestinal"
    r"|percutaneous|tubeless|fiberoptic|awake|nasotracheal|tracheal|endotracheal|mixed|melancholic|atypical|residual|clinical|subsyndromal|stress-related|trauma-related"
    r"|combat-related|cocaine|alcohol|opioid|military|civilian|isolated|blunt|moderate accidental|"
    r"accidental|severe traumatic|mild traumatic|obstructive|inflammatory)"
)
_JOINED = re.compile(rf"(?:{_MODIFIER}(?:,? (?:and|or|and/or) |/|, | versus ){_MODIFIER}[ -])$")
_SUBJECTS = re.compile(
    r"(?:(?:patients?|participants?|subjects|adults?|individuals|people|women|men|children|adolescents|inpatients|outpatients|veterans|mothers|parturients"
    r"|youths?|persons|sample|cases?|those|volunteers|males|females|elderly|"
    r"n ?= ?\d+\)?)(?: [^\s.;]+){0,5}? (?:with|having|had|undergoing|underwent|scheduled for|suffering from"
    r"|experiencing|who have|for|in|of|meeting|met|criteria for)|undergoing|underwent|scheduled for|"
    r"suffering from|diagnos(?:ed with|is of)|history of|criteria for|treatment of|treatment for|treating|"
    r"treat|comorbid"
    r"|prevention of|prevent(?:ing|s)?|management of|managing)(?: [^\s.;]+){0,5} $"
)
_HAD_BY = re.compile(
    r"(?:[ -](?:\([^)]{1,12}\) )?(?:patients?|subjects|participants|inpatients|outpatients|individuals|"
    r"adults|youths?|adolescents|women|men|children|veterans|abusers|users|volunteers|sample|population))"
)


_SCALE = re.compile(
    r"[ -](?:scales?|scores?|rating|inventory|questionnaire|index|severity|symptoms? (?:scale|score|"
    r"severity)|measures?|checklist|interview)"
)


class Mention(NamedTuple):
    """A condition named in the text.

    Its offsets, class, the setting it points to, the role of its sentence, whether subjects have it, and
    whether it only names a scale.
    """

    start: int
    end: int
    kind: str
    setting: str
    role: str
    had: bool
    measured: bool


class Conditions:
    """The table of head words, ready to match."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Compile one expression for all head words with the modifiers before them."""
        self.rows = {_squeezed(row["head"]): row for row in rows}
        self.pattern = re.compile(
            rf"(?<![^\W_])(?P<modifiers>(?:{_MODIFIER}(?:[ -]|(?:,? (?:and|or|and/or|versus) |/|"
            rf", )(?={_MODIFIER}[ -]|{any_of(row['head'] for row in rows)}))){{0,6}})"
            rf"(?P<head>{any_of(row['head'] for row in rows)})s?(?![^\W_])"
        )

    def find(self, folded: str, sentences: Sequence[Sentence]) -> list[Mention]:
        """Give all conditions named in the document, in reading order."""
        return [
            self._mention(folded, sentence, match)
            for sentence in sentences
            if sentence.role != "registration"
            for match in self.pattern.finditer(folded, sentence.start, sentence.end)
        ]

    def _mention(self, folded: str, sentence: Sentence, match: re.Match[str]) -> Mention:
        row = self.rows.get(_squeezed(match["head"])) or self.rows[_squeezed(match["head"]).removesuffix("s")]
        before = folded[max(sentence.start, match.start() - 60) : match.start()]
        kind = row["class"]
        if kind == "depression":
            kind = _depression(match[0])
        elif kind == "anxiety":
            kind = next((f"{word}-anxiety" for word in ("social", "general") if word in match[0]), kind)
        had = bool(_SUBJECTS.search(before)) or bool(_HAD_BY.match(folded, match.end()))
        measured = bool(_SCALE.match(folded, match.end()))
        return Mention(match.start(), match.end(), kind, row["setting"], sentence.role, had, measured)


def _depression(words: str) -> str:
    """Part the three depressions that abstracts name side by side."""
    if "bipolar" in words and "unipolar" not in words:
        return "bipolar"
    if re.search(r"post-?partum|postnatal", words):
        return "postpartum-depression"
    if re.search(r"resistant|refractory|trd|difficult|challenging", words):
        return "resistant-depression"
    if re.search(r"major|mdd", words):
        return "major-depression"
    return "depression"


def _squeezed(term: str) -> str:
    return re.sub(r"[\s-]+", "", term)


_HEALTHY = re.compile(
    r"healthy (?:\w+[ ,-]{1,2}){0,4}(?:volunteers?|subjects|participants|adults|men|males|humans|"
    r"individuals|people)"
    r"|normal (?:volunteers|subjects|humans)"
)
_ANIMALS = re.compile(r"\b(?:rats|mice|monkeys|dogs|cats|rodents?|zebrafish|macaques?)\b")


def grouped(mentions: Sequence[Mention], folded: str) -> list[tuple[str, list[Mention], dict[str, float]]]:
    """Give the mentions of each class with the features that speak for or against its being studied."""
    kinds: dict[str, list[Mention]] = {}
    for mention in mentions:
        kinds.setdefault(mention.kind, []).append(mention)
    document = _document_features(mentions, folded)
    return [
        (kind, same, {**document, **_features(kind, same), **_rivals(kind, kinds)})
        for kind, same in kinds.items()
    ]


_DEPRESSIONS = (
    "postpartum-depression",
    "resistant-depression",
    "major-depression",
    "depression",
    "bipolar",
    "mood",
)


def _rivals(kind: str, kinds: dict[str, list[Mention]]) -> dict[str, float]:
    """Say which other depressions a depression stands beside, and whether the title has them."""
    if kind not in _DEPRESSIONS:
        return {}
    features = {}
    for other in _DEPRESSIONS:
        if other != kind and other in kinds:
            features[f"{kind}-beside-{other}"] = 1.0
            if any(mention.role == "title" for mention in kinds[other]):
                features[f"{kind}-beside-titled-{other}"] = 1.0
    return features


def _document_features(mentions: Sequence[Mention], folded: str) -> dict[str, float]:
    titled = {mention.kind for mention in mentions if mention.role == "title"}
    features = {
        "animals": float(bool(_ANIMALS.search(folded))),
        "patients": float("patient" in folded),
        "healthy": float(bool(_HEALTHY.search(folded))),
        f"titled-{min(len(titled), 3)}": 1.0,
    }
    features["kinds"] = min(len({mention.kind for mention in mentions}), 8) / 4
    return features


def _features(kind: str, same: Sequence[Mention]) -> dict[str, float]:
    features = {f"kind-{kind}": 1.0, f"setting-{same[0].setting}": 1.0, "count": min(len(same), 6) / 3}
    for mention in same:
        features[f"in-{mention.role}"] = 1.0
        if mention.had:
            features[f"had-{mention.role}"] = 1.0
            features["had"] = 1.0
        if mention.measured:
            features["measured"] = 1.0
    if "had-title" in features or "had-methods" in features or "had-aim" in features:
        features["had-here"] = 1.0
    if "in-title" in features:
        features[f"titled-{kind}"] = 1.0
    if all(mention.measured for mention in same):
        features["only-measured"] = 1.0
    if len({mention.role for mention in same} - {"background"}) == 0:
        features["background-only"] = 1.0
    if not {mention.role for mention in same} & {"title", "aim", "methods", "background"}:
        features["late-only"] = 1.0
    return features


def choose(
    mentions: Sequence[Mention], folded: str, sentences: Sequence[Sentence], points: dict[str, float]
) -> list[Mention]:
    """Give the conditions studied, of each the fullest mention, in reading order."""
    chosen = [
        max(same, key=lambda m: (fullness(folded, m, same), -m.start))
        for _, same, features in grouped(mentions, folded)
        if points["bias"] + sum(points.get(name, 0.0) * value for name, value in features.items()) > 0
    ]
    return sorted(chosen)


_LESSER = re.compile(
    r"symptom|depressed$|schizophrenic|users?$|abusers?$|dependent$|alcoholics?$|risk|thought|attempt|current|passive"
)


_CAUSED = re.compile(r"-(?:induced|associated)\b")


def fullness(folded: str, mention: Mention, same: Sequence[Mention]) -> float:
    """Say how well a mention names its condition: whole words, often used, in the title, and no scale."""
    words = folded[mention.start : mention.end]
    often = sum(folded[m.start : m.end] == words for m in same)
    length = min(len(re.split(r"[\s-]+", words)), 3)
    return (
        1.2 * length
        + 0.2 * min(often, 4)
        + 1.4 * (mention.role == "title")
        + 0.4 * words.endswith(("disorder", "disorders"))
        - 1.0 * (mention.role in ("results", "conclusion"))
        - 2.0 * bool(_CAUSED.search(words))
        - 4.0 * mention.measured
        - 2.0 * bool(_LESSER.search(words))
    )
