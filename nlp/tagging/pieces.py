"""An abstract as the tagger takes it: word pieces with their offsets, and what is known of each beforehand."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokenizers import Tokenizer

from nlp.components.sections import ROLES
from nlp.extensions import DrugMention, Sentence

LONGEST = 510
"""Word pieces in one window, without the two that frame it: positions of the encoder."""

READ = ("title", "results", "conclusion")
"""Roles of the sentences that the tagger always reads; of others it reads those that name the family."""

KINDS = ("none", "family", "other")
TYPES = len(ROLES) * len(KINDS)
"""Token types: the role of the sentence times whether the piece is of a drug's name, and of whose."""


class Window(NamedTuple):
    """Sentences that are read together: ids, token types and character offsets, each of the same length.

    The frame ([CLS], [SEP]) has the offsets (0, 0).
    """

    ids: list[int]
    types: list[int]
    offsets: list[tuple[int, int]]


def windows(
    tokenizer: Tokenizer, text: str, sentences: Sequence[Sentence], drugs: Sequence[DrugMention]
) -> Iterator[Window]:
    """Cut an abstract into as few windows as hold it, at the ends of sentences; nearly all are one."""
    start, end = (tokenizer.token_to_id(name) or 0 for name in ("[CLS]", "[SEP]"))
    parts = [_pieces(tokenizer, text, s, drugs) for s in sentences if is_read(s, drugs)]
    held: list[tuple[int, int, tuple[int, int]]] = []
    for part in parts:
        if held and len(held) + len(part) > LONGEST:
            yield _framed(held, start, end)
            held = []
        held.extend(part)
        while len(held) > LONGEST:
            yield _framed(held[:LONGEST], start, end)
            held = held[LONGEST:]
    if held:
        yield _framed(held, start, end)


def is_read(sentence: Sentence, drugs: Sequence[DrugMention]) -> bool:
    """Tell whether a sentence may hold a finding, or says what the drug was set against; others cost nothing."""
    if sentence.role in READ:
        return True
    return sentence.role != "registration" and any(
        d.member and sentence.start <= d.start < sentence.end for d in drugs
    )


def _framed(held: Sequence[tuple[int, int, tuple[int, int]]], start: int, end: int) -> Window:
    return Window(
        [start, *(piece[0] for piece in held), end],
        [0, *(piece[1] for piece in held), 0],
        [(0, 0), *(piece[2] for piece in held), (0, 0)],
    )


def _pieces(
    tokenizer: Tokenizer, text: str, sentence: Sentence, drugs: Sequence[DrugMention]
) -> list[tuple[int, int, tuple[int, int]]]:
    encoded = tokenizer.encode(text[sentence.start : sentence.end], add_special_tokens=False)
    role = ROLES.index(sentence.role) * len(KINDS)
    inside = [
        (d.start, d.end, KINDS.index("family" if d.member else "other"))
        for d in drugs
        if sentence.start <= d.start < sentence.end
    ]
    offsets = [(a + sentence.start, b + sentence.start) for a, b in encoded.offsets]
    types = [role] * len(offsets)
    for start, end, kind in reversed(inside):  # where two meet in a piece, the first speaks
        i = bisect_right(offsets, start, key=_end)
        while i < len(offsets) and offsets[i][0] < end:
            types[i] = role + kind
            i += 1
    return list(zip(encoded.ids, types, offsets, strict=True))


def _end(offsets: tuple[int, int]) -> int:
    return offsets[1]
