"""Expressions that look for a few letters before they look for themselves: most of them are in most texts nowhere to be found.

Finding letters in a text takes a hundredth of the time that an expression of many alternatives takes to find nothing. What must
stand in whatever an expression matches is read from its parse, so that nothing is ever missed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Letters = tuple[str, ...]
"""Strings of which one must be there."""

MOST = 64
"""More strings than this cost more than they save."""

Holds = Callable[[str], bool]
"""Says whether a text holds a match."""


def sieve(pattern: str) -> Holds:
    r"""Give what says whether `re.compile(pattern).search` finds anything in a text.

    >>> sieve(r"meta-?analy|systematic (?:\w+ )?review")("a systematic narrative review")
    True
    """
    parts = [(required(part), re.compile(part).search) for part in alternatives(pattern)]

    def holds(text: str) -> bool:
        for letters, search in parts:
            if not letters and search(text):
                return True
            for some in letters:
                if some in text:
                    if search(text):
                        return True
                    break
        return False

    return holds


def alternatives(pattern: str) -> list[str]:
    r"""Part an expression at its outermost `|`; one that begins with flags is left whole.

    >>> alternatives(r"a(?:b|c)|[|]\||d")
    ['a(?:b|c)', '[|]\\|', 'd']
    """
    if pattern.startswith("(?") and pattern[2:3].isalpha() and pattern[2:3] != "P":
        return [pattern]
    parts, depth, start = [], 0, 0
    for match in _PIECE.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == "|" and not depth:
            parts.append(pattern[start : match.start()])
            start = match.end()
    return [*parts, pattern[start:]]


_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)


def required(pattern: str) -> Letters:
    r"""Give strings of which every match holds one; none where nothing can be said, or too many would have to be.

    >>> required(r"systematic (?:\w+ )?search|cases?\b")
    ('systematic ', 'case')
    """
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return ()
    found = _of_sequence(parsed)
    return found if len(found) <= MOST else ()


def _of_sequence(items: Iterable[tuple[Any, Any]]) -> Letters:
    """Give the best of what the parts of a sequence require; letters beside each other are one string."""
    best: Letters = ()
    run = ""
    for kind, value in items:
        if kind is op.LITERAL:
            run += chr(value)
        elif kind is not op.AT:
            best, run = _better(best, (run,) if run else ()), ""
            best = _better(best, _of_part(kind, value))
    return _better(best, (run,) if run else ())


def _of_part(kind: Any, value: Any) -> Letters:
    if kind is op.SUBPATTERN:
        return _of_sequence(value[3])
    if kind is op.BRANCH:
        branches = [_of_sequence(branch) for branch in value[1]]
        return _fewest(some for branch in branches for some in branch) if all(branches) else ()
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _of_sequence(value[2]) if value[0] else ()
    if kind is op.IN and len(value) <= MOST and all(one is op.LITERAL for one, _ in value):
        return tuple(chr(code) for _, code in value)
    return ()


def _fewest(strings: Iterable[str]) -> Letters:
    """Leave out what holds another of the strings: where it is, the other is too."""
    unique = list(dict.fromkeys(strings))
    return tuple(s for s in unique if not any(other != s and other in s for other in unique))


def _better(one: Letters, other: Letters) -> Letters:
    """Give what says more: the one whose shortest string is longer, of equals the fewer strings."""
    return max((one, other), key=_worth)


def _worth(letters: Sequence[str]) -> tuple[int, int]:
    return (min(map(len, letters)), -len(letters)) if letters else (0, 0)


Found = tuple[int, int, int]
"""Where a match begins and ends, and the number of the expression that matched."""


def word_finder(patterns: Sequence[str], after: str = "") -> Callable[[str], Iterator[Found]]:
    r"""Give what finds words by several expressions at once, as `finditer` of `(?<![\w-])(?:one|other …)after` does.

    At a word it tries only what can begin with the word's first letter. Where several match, the first counts. The
    expressions hold no groups that capture; each begins with a letter or a digit.

    >>> list(word_finder(["aches?|bad (?:aches?|dreams?)", r"dreams? \w+"])("bad dreams fade; dreams fade"))
    [(0, 10, 0), (17, 28, 1)]
    """
    ways: dict[str, list[str]] = {}
    for number, pattern in enumerate(patterns):
        begun: dict[str, list[str]] = {}
        for part in alternatives(_unwrapped(pattern)):
            letters = beginnings(part)
            if letters is None or not all(map(str.isalnum, letters)):
                raise ValueError(f"{part!r} of expression {number} may begin with anything")
            for letter in letters:
                begun.setdefault(letter, []).append(part)
        for letter, parts in begun.items():
            ways.setdefault(letter, []).append(f"(?P<g{number}>{'|'.join(parts)})")
    at = {letter: re.compile(f"(?:{'|'.join(rows)}){after}").match for letter, rows in ways.items()}

    def find(text: str) -> Iterator[Found]:
        end = 0
        for word in _WORD.finditer(text):
            start = word.start()
            match_at = at.get(text[start])
            if start >= end and match_at and (match := match_at(text, start)):
                end = match.end()
                yield start, end, int((match.lastgroup or "g0")[1:])

    return find


_WORD = re.compile(r"[\w-]+")


def _unwrapped(pattern: str) -> str:
    """Take off brackets that hold a whole expression."""
    inside = pattern[3:-1]
    if not (pattern.startswith("(?:") and pattern.endswith(")")):
        return pattern
    try:
        _parser.parse(inside)
    except re.error:
        return pattern
    return inside


def beginnings(pattern: str) -> frozenset[str] | None:
    r"""Give the letters that a match may begin with, None where it may be any, or nothing.

    >>> sorted(beginnings(r"(?:very )?sad|\bmood"))
    ['m', 's', 'v']
    """
    return _first_of(list(_parser.parse(pattern)))


def _first_of(items: Sequence[tuple[Any, Any]]) -> frozenset[str] | None:
    """Give the first letters of a sequence."""
    if not items:
        return None
    (kind, value), rest = items[0], items[1:]
    if kind is op.LITERAL:
        return frozenset(chr(value))
    if kind is op.IN and all(one is op.LITERAL for one, _ in value):
        return frozenset(chr(code) for _, code in value)
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return _first_of(rest)
    if kind is op.SUBPATTERN:
        return _first_of([*value[3], *rest])
    if kind is op.BRANCH:
        return _union(_first_of([*branch, *rest]) for branch in value[1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        inside = _first_of(list(value[2]))
        return inside if value[0] else _union((inside, _first_of(rest)))
    return None


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    found: set[str] = set()
    for some in sets:
        if some is None:
            return None
        found |= some
    return frozenset(found)
