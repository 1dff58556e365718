"""A smaller vocabulary: half of the base encoder's rows are of word pieces that no abstract of our corpora holds."""

import json
from collections.abc import Iterable
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from nlp.training.pointers import Pointers

SHORT = 2
"""Pieces of at most so many characters always stay: any word can be spelt with them."""


def used(tokenizer: Tokenizer, texts: Iterable[str]) -> list[str]:
    """Give the pieces that stay, in the order of their old ids: the special ones, the short ones, those that the texts hold."""
    seen: set[int] = set()
    for text in texts:
        seen.update(tokenizer.encode(text, add_special_tokens=False).ids)
    vocabulary = tokenizer.get_vocab()
    special = {piece for piece in vocabulary if piece[0] == "[" and piece[-1] == "]" and len(piece) > SHORT}
    special = {piece for piece in special if not piece.startswith("[unused")}
    return sorted(
        (
            piece
            for piece, number in vocabulary.items()
            if number in seen or piece in special or len(piece.removeprefix("##")) <= SHORT
        ),
        key=vocabulary.__getitem__,
    )


def pruned_tokenizer(tokenizer: Tokenizer, pieces: list[str]) -> Tokenizer:
    """Give the same tokenizer with these pieces alone, numbered anew."""
    numbers = {piece: number for number, piece in enumerate(pieces)}
    plan: dict[str, Any] = json.loads(tokenizer.to_str())
    plan["model"]["vocab"] = numbers
    for added in plan["added_tokens"]:
        added["id"] = numbers[added["content"]]
    processor = plan.get("post_processor") or {}
    for piece, entry in processor.get("special_tokens", {}).items():
        entry["ids"] = [numbers[piece]]
    for name in ("cls", "sep"):
        if name in processor:
            processor[name] = [processor[name][0], numbers[processor[name][0]]]
    return Tokenizer.from_str(json.dumps(plan))


def pruned_model(
    model: BertForTokenClassification, tokenizer: Tokenizer, pieces: list[str]
) -> BertForTokenClassification:
    """Give the same model with the embeddings of these pieces alone, in their new order."""
    rows = torch.tensor([tokenizer.token_to_id(piece) for piece in pieces])
    config = type(model.config).from_dict(
        {
            **model.config.to_dict(),
            "vocab_size": len(pieces),
            "pad_token_id": pieces.index("[PAD]"),
        }
    )
    small = BertForTokenClassification(config)
    small.pointers = Pointers(config.hidden_size)
    state = model.state_dict()
    name = "bert.embeddings.word_embeddings.weight"
    state[name] = state[name][rows]
    small.load_state_dict(state)
    return small.eval()
