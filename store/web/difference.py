"""What a revision changed: two texts, word by word, with the unchanged words far from any change left out."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

NEAR = 8
"""Words of unchanged text that are shown on either side of a change."""

_WORD = re.compile(r"\S+\s*")


class Change(NamedTuple):
    """Words that are `same`, `gone` or `new`; `same` words left out are an ellipsis."""

    kind: str
    words: str


def difference(old: str, new: str) -> list[Change]:
    """Give what became of a text; of equal texts, nothing.

    >>> [tuple(change) for change in difference("We saw 8 of 30.", "We saw 9 of 30.")]
    [('same', 'We saw '), ('gone', '8 '), ('new', '9 '), ('same', 'of 30.')]
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    steps = matcher.get_opcodes()
    if all(tag == "equal" for tag, *_ in steps):
        return []
    found: list[Change] = []
    for at, (tag, a, b, c, d) in enumerate(steps):
        if tag == "equal":
            words = _shortened(before[a:b], first=at == 0, last=at == len(steps) - 1)
            found.append(Change("same", words))
        if tag in ("delete", "replace"):
            found.append(Change("gone", "".join(before[a:b])))
        if tag in ("insert", "replace"):
            found.append(Change("new", "".join(after[c:d])))
    return found


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    head, tail = 0 if first else NEAR, 0 if last else NEAR
    if len(words) <= head + tail + 1:
        return "".join(words)
    return "".join(words[:head]) + "… " + ("".join(words[-tail:]) if tail else "")
