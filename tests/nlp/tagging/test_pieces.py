"""Abstracts become windows of word pieces whose offsets point at the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from nlp.extensions import DrugMention, Sentence
from nlp.finding import Drug
from nlp.tagging.pieces import KINDS, LONGEST, is_read, windows

VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ketamine", "reduced", "pain", "saline", *"abcdefghijklmnop"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(VOCAB)}, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def family(text: str) -> list[DrugMention]:
    start = text.index("Ketamine")
    return [DrugMention(start, start + 8, "ketamine", Drug.KETAMINE, "drug")]


def test_a_short_abstract_is_one_framed_window(tokenizer: Tokenizer) -> None:
    text = "Ketamine reduced pain."
    (window,) = windows(tokenizer, text, [Sentence(0, len(text), None, "results")], family(text))
    assert [text[a:b] for a, b in window.offsets] == ["", "Ketamine", "reduced", "pain", ".", ""]
    assert window.ids[0] == VOCAB.index("[CLS]") and window.ids[-1] == VOCAB.index("[SEP]")


def test_a_type_tells_the_role_of_the_sentence_and_whose_name_a_piece_is_of(tokenizer: Tokenizer) -> None:
    text = "Ketamine reduced pain."
    (window,) = windows(tokenizer, text, [Sentence(0, len(text), None, "results")], family(text))
    assert window.types[1] % len(KINDS) == KINDS.index("family")
    assert window.types[2] % len(KINDS) == KINDS.index("none")
    assert window.types[1] // len(KINDS) == window.types[2] // len(KINDS)


@pytest.mark.parametrize(
    ("role", "text", "read"),
    [
        ("title", "Pain.", True),
        ("results", "Pain fell.", True),
        ("conclusion", "It helps.", True),
        ("methods", "Ketamine was given.", True),
        ("methods", "Pain was scored daily.", False),
        ("background", "Pain is common.", False),
        ("registration", "Ketamine trial NCT0.", False),
    ],
)
def test_a_sentence_that_can_hold_no_finding_is_not_read(role: str, text: str, read: bool) -> None:
    drugs = family(text) if "Ketamine" in text else []
    assert is_read(Sentence(0, len(text), None, role), drugs) is read


@given(st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_windows_hold_every_piece_once_and_none_is_too_long(tokenizer: Tokenizer, sizes: list[int]) -> None:
    parts, sentences, at = [], [], 0
    for size in sizes:
        part = " ".join(["pain"] * size) + "."
        sentences.append(Sentence(at, at + len(part), None, "results"))
        parts.append(part)
        at += len(part) + 1
    text = " ".join(parts)
    found = list(windows(tokenizer, text, sentences, []))
    offsets = [span for window in found for span in window.offsets[1:-1]]
    assert offsets == sorted(set(offsets))
    assert len(offsets) == sum(sizes) + len(sizes)
    assert all(len(w.ids) == len(w.types) == len(w.offsets) <= LONGEST + 2 for w in found)
    assert all(text[a:b] in ("pain", ".") for a, b in offsets)
