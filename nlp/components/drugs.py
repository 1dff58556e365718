"""Drugs named in the text: the ketamine family by member, and what it is given with or compared with."""

import re
from collections.abc import Sequence
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from nlp.extensions import Abbreviation, DrugMention, Sentence, keep
from nlp.finding import Drug
from nlp.folding import fold
from nlp.vocabulary import Row, any_of

# what may stand in a long form beside the drug's name, for its short form to mean the drug
_BESIDE = re.compile(
    r"\b(?:the|a|of|group|arm|and|hydrochloride|hcl|racemic|treatment|infusions?|therapy|administration|nasal|spray|"
    r"intranasal|intravenous|iv|oral|low|dose|single|sub(?:an)?a?esthetic)\b|[^\w]"
)

# endings of international nonproprietary names, for drugs that no table has
_ENDINGS = re.compile(
    r"\b[a-z]{3,18}(?:idine|idone|azine|azole|apine|afil|olol|sartan|statin|oxetine|azepam|zolam|caine|curium|barbital|profen|mycin"
    r"|cillin|tinib|gliptin|setron|triptan|oxacin|cycline|fentanil|talopram|triptyline|ipramine|peridol|sidomine|prusside|zosin|dipine"
    r"|semide|coxib|ximab|zumab|umab|flozin|phylline|azosin|oxone|orphan|antadine|flurane|steride|glitazone|lukast|pristone|tropine|curonium|racetam|gabalin|navir)\b"
)


class Vocabulary:
    """The drug table, ready to match."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Compile one expression for all terms."""
        self.pattern = re.compile(rf"(?<![^\W_])(?:{any_of(row['term'] for row in rows)})s?(?![^\W_])")
        self.rows = {_squeezed(row["term"]): row for row in rows}

    def find(self, folded: str) -> list[DrugMention]:
        """Give the drugs named in folded text; those known by their ending alone are of the kind `other`."""
        mentions = [
            DrugMention(match.start(), match.end(), match[0], None, "other")
            for match in _ENDINGS.finditer(folded)
        ]
        for match in self.pattern.finditer(folded):
            name = _squeezed(match[0])
            row = self.rows.get(name) or self.rows[name.removesuffix("s")]
            member = Drug(row["member"]) if row["member"] else None
            mentions.append(DrugMention(match.start(), match.end(), row["name"], member, row["kind"]))
        return mentions


def _squeezed(term: str) -> str:
    return re.sub(r"[\s-]+", "", fold(term))


def short_forms_of_drugs(
    folded: str, short_forms: Sequence[Abbreviation], mentions: Sequence[DrugMention]
) -> list[DrugMention]:
    """Give the short forms whose long form is a drug's name and nothing more than its manner of use."""
    found = []
    for short in short_forms:
        if any(m.start < short.end and short.start < m.end for m in mentions):
            continue
        inside = [m for m in mentions if short.long_start <= m.start and m.end <= short.long_end]
        if len({m.name for m in inside}) != 1:
            continue
        rest = folded[short.long_start : inside[0].start] + " " + folded[inside[0].end : short.long_end]
        if not _BESIDE.sub("", rest):
            found.append(inside[0]._replace(start=short.start, end=short.end))
    return found


def without_overlaps(mentions: Sequence[DrugMention]) -> list[DrugMention]:
    """Keep the longest of overlapping mentions, in reading order; the last given of equals."""
    kept: list[DrugMention] = []
    unique = {mention[:2]: mention for mention in mentions}
    for mention in sorted(unique.values(), key=lambda m: (m.start, -m.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


_RACEMATE = re.compile(r"racem|\br ?, ?s\b|\(rs\)|isomer|enantiomer|arketamine|\br ?\(?-\)?-?ketamine")
_BY_LETTER = re.compile(r"\(?s\b")


def as_given(
    mentions: Sequence[DrugMention], sentences: Sequence[Sentence], folded: str
) -> list[DrugMention]:
    """Read plain `ketamine` as esketamine in an abstract whose subjects got S-ketamine.

    That is one that first names it by its letter, in its aim or methods, and goes on about ketamine. One
    that speaks of the racemate, or sets the two side by side, keeps them apart.
    """
    first = next((m for m in mentions if m.member == Drug.ESKETAMINE), None)
    if first is None or _RACEMATE.search(folded) or _beside(mentions, folded):
        return list(mentions)
    role = next((s.role for s in sentences if s.start <= first.start < s.end), None)
    by_letter = role in ("aim", "methods") and bool(_BY_LETTER.match(folded, first.start))
    if not by_letter:
        return list(mentions)
    return [m._replace(member=Drug.ESKETAMINE) if m.member == Drug.KETAMINE else m for m in mentions]


_JOINED = re.compile(r",? ?(?:and|or|versus|vs\.?|than|to|/|,|\() ?(?:intravenous |iv |i\.v\. |the )?")


def _beside(mentions: Sequence[DrugMention], folded: str) -> bool:
    """Say whether ketamine and esketamine stand side by side anywhere."""
    members = [m for m in mentions if m.member]
    return any(
        {first.member, second.member} == {Drug.KETAMINE, Drug.ESKETAMINE}
        and bool(_JOINED.fullmatch(folded, first.end, second.start))
        for first, second in pairwise(members)
    )


@Language.factory(
    "ketmine_drugs",
    default_config={"table": {"@misc": "ketmine.table.v1", "name": "drugs.tsv"}},
    requires=["doc._.short_forms", "doc._.sentences"],
    assigns=["doc._.drugs", "doc.spans"],
)
def create_drugs(nlp: Language, name: str, table: Sequence[Row]) -> "Drugs":
    """Make the component from a table of drugs."""
    return Drugs(Vocabulary(table))


class Drugs:
    """Write `doc._.drugs`."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary."""
        self.vocabulary = vocabulary

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        mentions = self.vocabulary.find(doc._.folded)
        mentions += short_forms_of_drugs(doc._.folded, doc._.short_forms, mentions)
        kept = without_overlaps(mentions)
        keep(doc, "drugs", as_given(kept, doc._.sentences, doc._.folded))
        return doc
