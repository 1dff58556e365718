"""Short forms and their long forms, by scispaCy's AbbreviationDetector (Schwartz and Hearst, 2003).

The detector's functions judge the candidates. Its two searches are our own: its search for parentheses
tries every pair of brackets, which is cubic on a text of brackets, and its search for occurrences fills
spaCy's string store.
"""

import re
from collections.abc import Iterator

import numpy as np
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokens import Doc

from nlp.extensions import Abbreviation, keep, text_of

_LONGEST = 12


def bracketed(doc: Doc) -> Iterator[tuple[int, int, int]]:
    """Give (0, start, end), in tokens, of the inside of each innermost short pair of round brackets."""
    words = doc.to_array([ORTH])
    opening, closing = doc.vocab.strings["("], doc.vocab.strings[")"]
    opened = None
    for at in np.flatnonzero((words == opening) | (words == closing)).tolist():
        if words[at] == opening:
            opened = at
        elif opened is not None:
            if 0 < at - opened - 1 <= _LONGEST:
                yield 0, opened + 1, at
            opened = None


def definitions(doc: Doc) -> dict[str, tuple[int, int]]:
    """Give the long form's offsets for each short form defined in the text; the first definition counts."""
    from scispacy.abbreviation import filter_matches, find_abbreviation

    found: dict[str, tuple[int, int]] = {}
    for long_candidate, short_candidate in filter_matches(list(bracketed(doc)), doc):
        if not long_candidate:
            continue
        short, long = find_abbreviation(long_candidate, short_candidate)
        if long is not None:
            found.setdefault(short.text, (long.start_char, long.end_char))
    return found


def occurrences(text: str, long_forms: dict[str, tuple[int, int]]) -> list[Abbreviation]:
    """Give every place where a short form stands as a word of its own, in reading order."""
    return sorted(
        Abbreviation(start, start + len(short), *offsets)
        for short, offsets in long_forms.items()
        for start in _places(text, short)
    )


def _places(text: str, word: str) -> Iterator[int]:
    """Give where a word stands by itself, each place after the end of the one before."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        alone = not (_WORD.match(text, end) or (at and _WORD.match(text, at - 1)))
        if alone:
            yield at
        at = text.find(word, end if alone else at + 1)


_WORD = re.compile(r"\w")


@Language.component("ketmine_abbreviations", assigns=["doc._.short_forms", "doc.spans"])
def abbreviations(doc: Doc) -> Doc:
    """Write `doc._.short_forms`."""
    if "(" in text_of(doc):
        keep(doc, "short_forms", occurrences(text_of(doc), definitions(doc)))
    return doc
