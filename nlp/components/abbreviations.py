"""Short forms and their long forms, by scispaCy's AbbreviationDetector (Schwartz and Hearst, 2003).

Only where there is a parenthesis. The detector's own search for parentheses tries every pair of brackets,
which is cubic on a text of brackets; ours walks the tokens once, and its candidates are judged by the
detector.
"""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from nlp.extensions import Abbreviation, keep

_LONGEST = 12


def bracketed(doc: Doc) -> Iterator[tuple[int, int, int]]:
    """Give (0, start, end), in tokens, of the inside of each innermost short pair of round brackets."""
    opened = None
    for token in doc:
        if token.text == "(":
            opened = token.i
        elif token.text == ")" and opened is not None:
            if 0 < token.i - opened - 1 <= _LONGEST:
                yield 0, opened + 1, token.i
            opened = None


@Language.factory("ketmine_abbreviations", assigns=["doc._.short_forms", "doc.spans"])
class Abbreviations:
    """Write `doc._.short_forms`."""

    def __init__(self, nlp: Language, name: str) -> None:
        """Make scispaCy's detector."""
        from scispacy.abbreviation import AbbreviationDetector

        self.detector = AbbreviationDetector(nlp)

    def __call__(self, doc: Doc) -> Doc:
        """Annotate the document."""
        if "(" in doc.text:
            keep(doc, "short_forms", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Abbreviation]:
        """Give every occurrence of every short form, in reading order."""
        from scispacy.abbreviation import filter_matches

        pairs = self.detector.find_matches_for(filter_matches(list(bracketed(doc)), doc), doc)
        found = {
            Abbreviation(short.start_char, short.end_char, long.start_char, long.end_char)
            for long, shorts in pairs
            for short in shorts
        }
        return sorted(found)
