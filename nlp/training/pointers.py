"""Pointers: from an anchor's first piece to the pieces where a field's words begin and end, as a head of the encoder.

For each field and end there is a query, made of the anchor's piece, a key, made of every piece, and a bias by the distance
from one to the other. The frame's first piece stands for nothing: the field is not said.
"""

from collections.abc import Sequence

import torch
from torch import nn

from nlp.tagging.labels import FIELDS
from nlp.training.tagger_data import Pointed

HEADS = 2 * len(FIELDS)
"""The beginnings of all fields, then their ends."""
WIDE = 48
"""Numbers in a query and a key of one head."""
FAR = 9
"""Distances are told apart by powers of two up to this one, before and after."""
PLACES = 2 * FAR + 2
"""The distances told apart, and the frame's first piece."""


class Pointers(nn.Module):
    """Scores of every piece for every anchor and head."""

    def __init__(self, width: int) -> None:
        """Take the encoder's width."""
        super().__init__()
        self.queries = nn.Linear(width, HEADS * WIDE)
        self.keys = nn.Linear(width, HEADS * WIDE)
        self.distance = nn.Parameter(torch.zeros(PLACES, HEADS))

    def forward(self, hidden: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
        """Give scores of (anchors, heads, pieces) from one window's (pieces, width) and the anchors' first pieces."""
        pieces = hidden.shape[0]
        keys = self.keys(hidden).view(-1, HEADS, WIDE)
        queries = self.queries(hidden[anchors]).view(-1, HEADS, WIDE)
        scores = torch.einsum("ahw,phw->ahp", queries, keys) / WIDE**0.5
        at = torch.arange(pieces, device=hidden.device)
        away = at[None, :] - anchors[:, None]
        steps = torch.floor(torch.log2(away.abs().float().clamp(min=0.5)) + 1.0).long().clamp(max=FAR)
        place = torch.where(away < 0, FAR - steps, FAR + steps).masked_fill(at[None, :] == 0, PLACES - 1)
        return scores + self.distance[place].permute(0, 2, 1)


Target = tuple[int, int, tuple[int, ...]]
"""Number of the anchor, number of the head, and the pieces of which each is right."""


def targets(pointed: Sequence[Pointed]) -> list[Target]:
    """Give the targets of a window's anchors."""
    out: list[Target] = []
    for number, anchor in enumerate(pointed):
        for field, (firsts, lasts) in anchor.fields.items():
            head = FIELDS.index(field)
            out += [(number, head, firsts), (number, len(FIELDS) + head, lasts)]
    return out


def surprise(scores: torch.Tensor, targets: Sequence[Target]) -> torch.Tensor:
    """Add up the surprise at the right pieces: minus the logarithm of the share of all that are right together."""
    shares = scores.log_softmax(-1)
    picked = [shares[anchor, head, list(pieces)].logsumexp(0) for anchor, head, pieces in targets]
    return -torch.stack(picked).sum() if picked else scores.sum() * 0
