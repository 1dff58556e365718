"""Fields that the tagger reads, by pointing at words or by a label: they stand where it is sure, else the rules' reading."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from nlp.extensions import Mention
from nlp.finding import Comparison, Effect, Offsets
from nlp.tagging.decode import Read
from nlp.tagging.labels import GROUPS
from nlp.tagging.model import Tagger
from nlp.tagging.pointing import Words

FIELDS = {"outcomes": ("comparator", "timepoint", "value", "comparator_value"), "adverse_events": ("rate",)}
"""Group of mentions → the fields that pointers may read."""
LABELLED = {"outcomes": ("effect",), "adverse_events": ("comparison", "transient", "serious")}
"""Group of mentions → the fields that the labels of an anchor's first piece may say."""
VALUES: dict[str, Callable[[str], Any]] = {
    "effect": Effect,
    "comparison": lambda label: None if label == "none" else Comparison(label),
    "transient": "yes".__eq__,
    "serious": "yes".__eq__,
}
"""Field → its value by its label."""
NEVER = 2.0
"""A share that no reading reaches."""


class Said(NamedTuple):
    """What the tagger reads a field to be, where its words stand, and its share."""

    value: Any
    span: Offsets | None
    share: float


def with_fields(
    text: str,
    group: str,
    mentions: Sequence[Mention],
    read: Sequence[Read],
    tagger: Tagger,
    least: Mapping[str, float],
) -> list[Mention]:
    """Give each mention the fields that its first piece says or points at with at least a field's share."""
    out = list(mentions)
    for i, fields in said_of(text, group, mentions, read, tagger):
        sure = {name: said for name, said in fields.items() if said.share >= least.get(name, NEVER)}
        values: dict[str, Any] = {name: said.value for name, said in sure.items()}
        spans = {name: span for name, span in out[i].spans.items() if name not in sure}
        spans |= {name: said.span for name, said in sure.items() if said.span}
        out[i] = out[i].model_copy(update={**values, "spans": spans})
    return out


def said_of(
    text: str, group: str, mentions: Sequence[Mention], read: Sequence[Read], tagger: Tagger
) -> list[tuple[int, dict[str, Said]]]:
    """Give what the tagger reads the fields of each mention to be, by the mention's number, where it read the mention at all."""
    out = []
    for part in read:
        firsts = {i: pieces[0] for i, m in enumerate(mentions) if (pieces := part.pieces(m.start, m.end))}
        pointed = tagger.pointed(text, part, list(firsts.values()))
        for (i, piece), words in zip(firsts.items(), pointed, strict=True):
            fields = {name: _said(text, words[name]) for name in FIELDS[group]}
            if "comparator" in fields:
                fields["comparator"] = _compared(part, piece, fields["comparator"])
            out.append((i, fields | {name: _label(part, piece, name) for name in LABELLED[group]}))
    return out


def _label(part: Read, piece: int, field: str) -> Said:
    shares = part.shares(field)[piece]
    return Said(VALUES[field](GROUPS[field][int(shares.argmax())]), None, float(shares.max()))


def _said(text: str, words: Words) -> Said:
    if words.start == words.end:
        return Said(None, None, words.share)
    return Said(text[words.start : words.end], (words.start, words.end), words.share)


def _compared(part: Read, piece: int, named: Said) -> Said:
    """Give the comparator: nothing or the baseline by a label of the anchor, else the words that it points at."""
    shares = part.shares("against")[piece]
    against, share = GROUPS["against"][int(shares.argmax())], float(shares.max())
    if against == "named":
        return named._replace(share=share * named.share)
    return Said("baseline" if against == "baseline" else None, None, share)
