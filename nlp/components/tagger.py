"""The trained tagger beside the rules: what both together hold for right stands in place of the rules' own.

It needs the rules' outcomes and adverse events; those stay readable as `doc._.ruled`, so that a finding which the rules read
otherwise can say so.
"""

from spacy.language import Language
from spacy.tokens import Doc

from nlp.components.confidence import Points
from nlp.components.context import context_of
from nlp.components.pointed import FIELDS, LABELLED, NEVER, with_fields
from nlp.components.weighing import TYPES, candidates, chosen
from nlp.extensions import keep, text_of
from nlp.pipeline import MODELS
from nlp.tagging.decode import Read
from nlp.tagging.model import Tagger
from nlp.tagging.pieces import windows
from nlp.vocabulary import read_table

POINTS = "points.tsv"
"""File of a model's folder: what each thing seen of a candidate counts."""


def read_windows(doc: Doc, tagger: Tagger) -> list[Read]:
    """Run the tagger over the sentences of a document that may hold a finding."""
    cut = windows(tagger.tokenizer, text_of(doc), doc._.sentences, doc._.drugs)
    return [tagger.read(window) for window in cut]


@Language.factory(
    "ketmine_tagger",
    default_config={"model": "tagger", "begin": 0.05},
    requires=["doc._.sentences", "doc._.drugs", "doc._.outcomes", "doc._.adverse_events"],
    assigns=["doc._.outcomes", "doc._.adverse_events", "doc._.ruled", "doc.spans"],
)
def create_tagger(nlp: Language, name: str, model: str, begin: float) -> "TaggerComponent":
    """Make the component.

    `model` is a folder in nlp/models, which holds weights and points; `begin` the share of `B` from which an anchor is
    a candidate.
    """
    folder = MODELS / model
    return TaggerComponent(Tagger(folder), Points(read_table(str(folder / POINTS))), begin)


class TaggerComponent:
    """Put what tagger and rules together hold for right in place of the rules' outcomes and adverse events."""

    def __init__(self, tagger: Tagger, points: Points, begin: float) -> None:
        """Take the loaded model; the points hold, as `least`, the chance from which a candidate is kept.

        As `pointed timepoint` they hold the share from which the tagger's reading of that field stands.
        """
        self.tagger, self.points, self.begin = tagger, points, begin
        self.least = {
            group: {
                name: points.of(kind, f"pointed {name}") or NEVER
                for name in (*FIELDS[group], *LABELLED[group])
            }
            for group, kind in TYPES.items()
        }

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document; one that names no family member has nothing to be read."""
        context = context_of(text_of(doc), doc._.folded, doc._.sentences, doc._.drugs, doc._.short_forms)
        if context is None:
            return doc
        read = read_windows(doc, self.tagger)
        doc._.ruled = {group: getattr(doc._, group) for group in TYPES}
        for group, kind in TYPES.items():
            found = candidates(doc, read, context, group, self.begin)
            sure = [(mention, self.points.chance(kind, things) or 0.0) for mention, things in found]
            kept = chosen(sure, self.points.of(kind, "least"))
            keep(doc, group, with_fields(text_of(doc), group, kept, read, self.tagger, self.least[group]))
        return doc
