"""Where the sentence around some words begins and ends, by its full stops: the web process has no tokenizer."""

import re

_END = re.compile(r"(?<=[.!?])\)?\s+(?=[A-Z0-9(])|\n")


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the half-open offsets of the sentence or sentences that hold a stretch of text.

    >>> sentence("One rose. Two fell. Three stayed.", 10, 13)
    (10, 19)
    """
    ends = [found.span() for found in _END.finditer(text)]
    begin = max((last for _, last in ends if last <= start), default=0)
    finish = min((first for first, _ in ends if first >= end), default=len(text))
    return begin, finish
