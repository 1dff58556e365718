"""The study profile: species, design, blinding, sample size, conditions and setting of the whole document."""

from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.condition_mentions import Conditions
from nlp.components.conditions import choose
from nlp.components.sample_size import sample_size
from nlp.components.study_cues import Cues, Points, blinding_of, design_of, species_of
from nlp.extensions import Sentence, text_of
from nlp.finding import Condition, Design, Setting, Species, StudyProfile
from nlp.vocabulary import Row

_POOLED = {Design.META_ANALYSIS, Design.SYSTEMATIC_REVIEW}


class Study:
    """Write `doc._.study`."""

    def __init__(
        self,
        cues: Cues,
        points: Points,
        types: Sequence[Row],
        conditions: Conditions,
        condition_points: dict[str, float],
    ) -> None:
        """Take the tables."""
        self.cues = cues
        self.points = points
        self.types = types
        self.conditions = conditions
        self.condition_points = condition_points

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        folded, sentences = doc._.folded, doc._.sentences
        cues = self.cues.find(folded, doc._.sections, sentences)
        sums = self.points.sums(cues)
        design = design_of(sums, doc._.publication_types, self.types)
        species = species_of(cues, design, sums, folded, self.cues.words)
        mentions = self.conditions.find(folded, sentences)
        chosen = choose(mentions, folded, self.condition_points)
        doc._.study = StudyProfile(
            species=species,
            design=design,
            blinding=blinding_of(cues, design),
            sample_size=_sample_size(folded, sentences, design, species),
            conditions=tuple(
                Condition(text=text_of(doc)[m.start : m.end], span=(m.start, m.end)) for m in chosen
            ),
            setting=_setting(species, cues, [m.setting for m in chosen]),
        )
        return doc


def _sample_size(folded: str, sentences: Sequence[Sentence], design: Design, species: Species) -> int | None:
    if species == Species.NONE:
        return None
    count = sample_size(folded, sentences, pooled=design in _POOLED)
    if count is None:
        return 1 if design == Design.CASE_REPORT else None
    return count.value


def _setting(species: Species, cues: set[str], settings: Sequence[str]) -> Setting:
    """Give the setting: by species, else by the conditions, else by the words about subjects."""
    if species in (Species.ANIMAL, Species.IN_VITRO):
        return Setting.PRECLINICAL
    if "recreational" in settings or "users-title" in cues:
        return Setting.RECREATIONAL
    for wanted in ("perioperative", "psychiatric", "pain"):
        if wanted in settings:
            return Setting(wanted)
    if "healthy" in cues:
        return Setting.HEALTHY_VOLUNTEERS
    return Setting.PERIOPERATIVE if "anaesthesia" in cues else Setting.OTHER


@Language.factory(
    "ketmine_study",
    default_config={
        name: {"@misc": "ketmine.table.v1", "name": f"{name}.tsv"}
        for name in (
            "study_cues",
            "study_points",
            "publication_types",
            "condition_words",
            "condition_signs",
            "condition_points",
        )
    },
    requires=["doc._.sections", "doc._.sentences"],
    assigns=["doc._.study"],
)
def create_study(
    nlp: Language,
    name: str,
    study_cues: Sequence[Row],
    study_points: Sequence[Row],
    publication_types: Sequence[Row],
    condition_words: Sequence[Row],
    condition_signs: Sequence[Row],
    condition_points: Sequence[Row],
) -> Study:
    """Make the component from its tables."""
    return Study(
        Cues(study_cues),
        Points(study_points),
        publication_types,
        Conditions(condition_words, condition_signs),
        {row["feature"]: float(row["points"]) for row in condition_points},
    )
