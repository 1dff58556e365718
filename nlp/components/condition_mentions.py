"""Disorders and clinical settings where a text names them, by head words, with what the words around say of each."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from nlp.extensions import Sentence
from nlp.vocabulary import Row, any_of

_MODIFIER = (
    r"(?:(?:treatment|therapy|drug|medication|pharmaco|antidepressant|pharmacotherapy)[ -]?(?:resistant|"
    r"refractory)|pharmaco-?resistant|treatment[ -](?:resistant|refractory)|challenging-to-treat|"
    r"difficult-to-treat|non-?refractory|refractory|resistant|major|unipolar|bipolar|acute|chronic|"
    r"severe(?:ly)?|severe and|moderate(?: to |-to-)severe|moderate|mild|persistent|recurrent|"
    r"post-?partum|peri-?partum|perinatal|prenatal|antenatal|postnatal|post[ -]?operative|peri-?operative|"
    r"pre-?operative|post-?procedural|post[ -]?surgical|intractable|advanced|newly[ -]diagnosed|"
    r"non-?psychotic|non-?anxious|remitted|illicit|psychedelic|terminal|benign|malignant|complex|"
    r"prolonged|rheumatic|subacute|nonspecific|pre-?existing|preschool|intra-?operative|late-life|"
    r"geriatric|adolescent|pa?ediatric|comorbid|anxious|suicidal|psychotic|social|generali[sz]ed|current|"
    r"strong|high|active|passive|imminent|procedural|dental|neuropathic|cancer(?:-related)?|phantom limb|"
    r"low back|back|abdominal|visceral|ischa?emic|musculoskeletal|orofacial|craniofacial|central|"
    r"spinal cord injury|breakthrough|burn|wound|post-?herpetic|post-?traumatic(?= (?:pain|neuralgia|"
    r"headache))|trigeminal|non-?cancer|first-episode|early-onset|cardiac|non-?cardiac|thoracic|abdominal|"
    r"spinal|spine|lumbar|hip|knee|eye|ophthalmic|gyna?ecologic(?:al)?|orthop(?:a)?edic|urological|upper|"
    r"lower|laparoscopic|laparascopic|robotic|open|elective|emergency|total|radical|major|minor|"
    r"ambulatory|day-case|oral|maxillofacial|ent|dis[ck]|hip fracture|breast|cardiovascular|vascular|"
    r"inguinal|umbilical|supratentorial|intracranial|brain|heart|limb|extremity|shoulder|foot|ankle|"
    r"cervical|pelvic|urologic|endoscopic|transurethral|aortocoronary|mucositis|colorectal|bariatric|"
    r"tonsil|third molar|impacted|emergence|hyperactive|excited|severe ethanol|problematic|harmful|"
    r"at-risk|heavy|chronic ketamine|recreational|out-of-hospital|obsessive|remifentanil-induced|"
    r"opioid-induced|drug-induced|ketamine-induced|ketamine-associated|coronary artery|off-pump|"
    r"superficial|general|regional|spinal|caudal|local|epidural|extracorporeal shock wave|"
    r"upper gastrointestinal|gastrointestinal|percutaneous|tubeless|fiberoptic|awake|nasotracheal|"
    r"tracheal|endotracheal|mixed|melancholic|atypical|residual|clinical|subsyndromal|stress-related|"
    r"trauma-related|combat-related|cocaine|alcohol|opioid|military|civilian|isolated|blunt|"
    r"moderate accidental|accidental|severe traumatic|mild traumatic|obstructive|inflammatory)"
)


class Mention(NamedTuple):
    """A condition named in the text.

    Its offsets, class, the setting it points to, the role of its sentence, and the signs around it: `had` by
    subjects, `measured` as a scale, `modelled` … as in condition_signs.tsv.
    """

    start: int
    end: int
    kind: str
    setting: str
    role: str
    signs: frozenset[str]


class Conditions:
    """The tables of head words and of the signs around a mention, ready to match."""

    def __init__(self, rows: Sequence[Row], signs: Sequence[Row]) -> None:
        """Compile one expression for all head words with the modifiers before them."""
        self.rows = {_squeezed(row["head"]): row for row in rows if row["head"][0] != "*"}
        self.endings = {row["head"][1:]: row for row in rows if row["head"][0] == "*"}
        self.signs = [(row["sign"], row["side"], re.compile(row["pattern"])) for row in signs]
        heads = any_of(row["head"] for row in rows if row["head"][0] != "*")
        heads = f"(?:{heads}|[a-z]{{2,30}}{any_of(self.endings)})"
        # `brain tumor resection`: a head right before another is a modifier of it
        self.pattern = re.compile(
            rf"(?<![^\W_])(?P<modifiers>(?:{_MODIFIER}(?:[ -]|(?:,? (?:and|or|and/or|versus) |/|"
            rf", )(?={_MODIFIER}[ -]|{heads}))|{heads}s?[ -](?={heads})){{0,6}})"
            rf"(?P<head>{heads})s?(?![^\W_])"
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
        row = self._row(match["head"])
        kind = next(
            (new for old, words, new in _PARTED if row["class"] == old and words.search(match[0])), None
        )
        before = folded[max(sentence.start, match.start() - 80) : match.start()]
        signs = frozenset(
            sign
            for sign, side, pattern in self.signs
            if (pattern.search(before) if side == "before" else pattern.match(folded, match.end()))
        )
        return Mention(match.start(), match.end(), kind or row["class"], row["setting"], sentence.role, signs)

    def _row(self, head: str) -> Row:
        squeezed = _squeezed(head)
        row = self.rows.get(squeezed) or self.rows.get(squeezed.removesuffix("s"))
        return row or next(row for ending, row in self.endings.items() if squeezed.endswith(ending))


# classes that abstracts name side by side: a class, words in the mention, the class that these make it
_PARTED = tuple(
    (kind, re.compile(words), parted)
    for kind, words, parted in (
        ("depression", r"^(?!.*unipolar).*bipolar", "bipolar"),
        ("depression", r"post-?partum|postnatal|perinatal", "postpartum-depression"),
        ("depression", r"resistant|refractory|trd|difficult|challenging", "resistant-depression"),
        ("depression", r"major|mdd", "major-depression"),
        ("anxiety", r"social", "social-anxiety"),
        ("anxiety", r"general", "general-anxiety"),
        ("anxiety", r"pre-?operative|peri-?operative|dental", "operative-anxiety"),
        ("pain", r"operative|surgical|procedural|wound|analgesia", "postoperative-pain"),
        ("pain", r"neuropathic|neuralgia|phantom|central", "neuropathic-pain"),
        ("pain", r"chronic|persistent|cancer", "chronic-pain"),
    )
)


def _squeezed(term: str) -> str:
    return re.sub(r"[\s-]+", "", term)
