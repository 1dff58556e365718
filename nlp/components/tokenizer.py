"""scispaCy's tokenizer, which keeps `mg/kg` and `i.v.` whole, for any text of any length."""

import re
import warnings
from collections.abc import Callable

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

MOST_RUNS = 200_000
"""Runs without a space of which it is kept how they are cut."""
_LONGEST_RUN = 199
_LONG_RUN = re.compile(r"\S{200,}")
_SLICE = 50


class BoundedTokenizer:
    """A tokenizer that cuts long runs without a space: spaCy's time grows with the square of such a run."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Wrap spaCy's tokenizer."""
        self.tokenizer = tokenizer
        self.vocab = tokenizer.vocab
        self.learnt: set[str] = set()

    def __call__(self, text: str) -> Doc:
        """Tokenize without loss: `doc.text == text`."""
        runs = set(text.split())
        if max(map(len, runs), default=0) <= _LONGEST_RUN:
            self._learn(runs - self.learnt)
            return self.tokenizer(text)
        parts = [self.tokenizer(piece) for piece in _pieces(text) if piece]
        words = [token.text for part in parts for token in part]
        spaces = [bool(token.whitespace_) for part in parts for token in part]
        return Doc(self.vocab, words=words, spaces=spaces)

    def _learn(self, runs: set[str]) -> None:
        """Cut each run by itself: spaCy keeps how it cut one only where no exception stands before it in the text."""
        for run in runs if len(self.learnt) < MOST_RUNS else ():
            self.tokenizer(run)
            self.learnt.add(run)


def _pieces(text: str) -> list[str]:
    pieces, last = [], 0
    for run in _LONG_RUN.finditer(text):
        pieces.append(text[last : run.start()])
        pieces.extend(text[i : min(i + _SLICE, run.end())] for i in range(run.start(), run.end(), _SLICE))
        last = run.end()
    return [*pieces, text[last:]]


@spacy.registry.tokenizers("ketmine.scispacy_tokenizer.v1")
def create_tokenizer() -> Callable[[Language], BoundedTokenizer]:
    """Give the maker of the tokenizer, as a spaCy config wants it."""

    def make(nlp: Language) -> BoundedTokenizer:
        from scispacy.custom_tokenizer import combined_rule_tokenizer

        # scispaCy takes spaCy's URL match from the tokenizer that is there
        nlp.tokenizer = spacy.util.registry.tokenizers.get("spacy.Tokenizer.v1")()(nlp)
        with warnings.catch_warnings():
            # its infixes hold `--` in a character class, which Python warns of and reads as meant
            warnings.simplefilter("ignore", FutureWarning)
            tokenizer = combined_rule_tokenizer(nlp)
        # all prefixes begin with `^`, for which a search looks at each letter in turn
        tokenizer.prefix_search = tokenizer.prefix_search.__self__.match
        # letters, and words that a hyphen joins, are cut by no rule but the exceptions, which go first
        tokenizer.token_match = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*\Z").match
        tokenizer.max_cache_size = MOST_RUNS
        return BoundedTokenizer(tokenizer)

    return make
