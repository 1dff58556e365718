"""Expressions that look at a text's letters before they look for themselves: most of them are in most texts nowhere to be found.

Of a text it is noted once which four letters stand side by side in it. One look into that table for all expressions together
takes as long as one expression of many alternatives takes to find nothing. What must stand in whatever an expression matches is
read from its parse, as RE2 does for an index (Cox 2012, https://swtch.com/~rsc/regexp/regexp4.html), so that nothing is ever
missed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import accumulate, islice
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import numpy as np

Clause = tuple[str, ...]
"""Strings of which one must be there."""
Strings = set[str]

MOST = 256
"""More strings than this in a clause cost more than they save."""


class Expression(NamedTuple):
    """An expression with its name, and how often a text must hold it."""

    name: str
    pattern: str
    times: int = 1


class Sieve:
    r"""Many expressions, asked together which of them a text holds.

    >>> sorted(Sieve([Expression("meta", "meta-?analy"), Expression("rats", r"\brats?\b", 2)])("a rat, rats, and rations"))
    ['rats']
    """

    def __init__(self, expressions: Iterable[Expression]) -> None:
        """Compile the expressions, and note what every match of each of their alternatives holds."""
        self.parts: list[tuple[str, Callable[[str], bool]]] = []
        clauses: list[list[Clause]] = []
        for name, pattern, times in expressions:
            for part in alternatives(pattern) if times == 1 else [pattern]:
                self.parts.append((name, _holds(part, times)))
                clauses.append(required(part) or [("",)])
        strings = [string for of_part in clauses for clause in of_part for string in clause]
        self._grams = np.array([_some_grams(string) for string in strings], dtype=np.uint16).T.copy()
        self._clauses = _begins(len(clause) for of_part in clauses for clause in of_part)
        self._parts = _begins(len(of_part) for of_part in clauses)

    def __call__(self, text: str) -> set[str]:
        """Give the names of the expressions that a text holds."""
        held = np.zeros(1 << 16, dtype=bool)
        held[_grams(text)] = True
        held[0] = True  # stands for a string that is too short to be looked for
        strings = held[self._grams].all(axis=0)
        clauses = np.logical_or.reduceat(strings, self._clauses)
        found: set[str] = set()
        for number in np.flatnonzero(np.logical_and.reduceat(clauses, self._parts)).tolist():
            name, holds = self.parts[number]
            if name not in found and holds(text):
                found.add(name)
        return found


def _holds(pattern: str, times: int) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    if times == 1:
        return lambda text: compiled.search(text) is not None
    return lambda text: next(islice(compiled.finditer(text), times - 1, None), None) is not None


def _begins(sizes: Iterable[int]) -> list[int]:
    return [0, *accumulate(sizes)][:-1]


_LETTERS = bytes(
    code if code < 128 and (chr(code).isalnum() or chr(code) == "_") else 32 for code in range(256)
).lower()
"""Bytes as they are compared: letters and digits of ASCII in lower case; whatever else is a gap between words."""
_MOST_GRAMS = 8
"""So many four letters of a string are looked for."""


def _grams(text: str) -> np.ndarray:
    """Give a number for each four letters that stand side by side in a text, the gaps before and after it among them."""
    letters = np.frombuffer(f" {text} ".encode("utf-8", "surrogatepass").translate(_LETTERS), np.uint8)
    wide = letters.astype(np.uint32)
    four = wide[:-3] | wide[1:-2] << 8 | wide[2:-1] << 16 | wide[3:] << 24
    return (four * np.uint32(2654435761)) >> 16  # Knuth's multiplicative hash


def _some_grams(string: str) -> list[int]:
    """Give numbers of a string's four letters, evenly spread; of one that is too short, what every text holds."""
    grams = _grams(string)[1:-1].tolist() or [0]
    return [grams[i * (len(grams) - 1) // (_MOST_GRAMS - 1)] for i in range(_MOST_GRAMS)]


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


def required(pattern: str) -> list[Clause]:
    r"""Give what every match of an expression holds: of each clause one string, with a blank where a word must begin or end.

    >>> required(r"systematic (?:\w+ )?search|cases?\b")
    [('case ', 'cases ', 'systematic ')]
    """
    parsed = _parser.parse(pattern)
    return [] if parsed.state.flags & re.IGNORECASE else _clauses(parsed)


def _clauses(items: Iterable[tuple[Any, Any]]) -> list[Clause]:
    """Give the clauses of a sequence; strings that stand side by side are joined while they are few."""
    clauses: list[Clause] = []
    run: Strings = {""}
    for kind, value in items:
        exact = _exact(kind, value)
        if exact is None or len(run) * len(exact) > MOST:
            clauses += _clause(run)
            run = {""}
        if exact is None:
            clauses += _inside(kind, value)
        else:
            run = {one + other for one in run for other in exact}
    return clauses + _clause(run)


def _clause(strings: Strings) -> list[Clause]:
    """Give the clause that one of some strings be there; none where one of them says nothing."""
    plain = {_BLANK.sub(" ", string).replace(_EDGE, "") for string in strings}
    # where a string is, what it holds is too
    fewest = sorted(s for s in plain if not any(other != s and other in s for other in plain))
    return [tuple(fewest)] if all(fewest) else []


def _inside(kind: Any, value: Any) -> list[Clause]:
    """Give the clauses of a part that may be many strings."""
    if kind is op.SUBPATTERN and not value[1] & re.IGNORECASE:
        return _clauses(value[3])
    if kind in _REPEATS and value[0]:
        return _clauses(value[2])
    if kind is op.BRANCH:
        branches = [max(_clauses(branch), key=_worth, default=()) for branch in value[1]]
        strings = {string for clause in branches for string in clause}
        return _clause(strings) if all(branches) and len(strings) <= MOST else []
    return []


def _worth(clause: Clause) -> tuple[int, int]:
    """Say how much a clause tells: the longer its shortest string, the more; of equals the one of fewer strings."""
    return min(map(len, clause)), -len(clause)


def _exact(kind: Any, value: Any) -> Strings | None:
    """Give all strings that a part matches, None where they are too many, or not known; what has no width matches none."""
    if kind is op.LITERAL:
        return {chr(value)}
    if kind is op.AT:
        return {_EDGE if value is op.AT_BOUNDARY else ""}
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return {""}
    if kind is op.RANGE:
        return {chr(code) for code in range(value[0], value[1] + 1)} if value[1] - value[0] < MOST else None
    if kind is op.IN:
        return _together(_exact(*one) for one in value)
    if kind is op.SUBPATTERN and not value[1] & re.IGNORECASE:
        return _exact_sequence(value[3])
    if kind is op.BRANCH:
        return _together(_exact_sequence(branch) for branch in value[1])
    if kind in _REPEATS and tuple(value[:2]) == (0, 1):
        return _together([{""}, _exact_sequence(value[2])])
    return None


def _exact_sequence(items: Iterable[tuple[Any, Any]]) -> Strings | None:
    found: Strings = {""}
    for kind, value in items:
        exact = _exact(kind, value)
        if exact is None or len(found) * len(exact) > MOST:
            return None
        found = {one + other for one in found for other in exact}
    return found


def _together(sets: Iterable[Strings | None]) -> Strings | None:
    found = _union(sets)
    return None if found is None or len(found) > MOST else set(found)


_EDGE = "\b"
"""Where a word begins or ends: a blank, when nothing else of the string is beyond it."""
_BLANK = re.compile(r"\A\x08+(?=\w)|(?<=\w)\x08+\Z", re.ASCII)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


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


def _union(sets: Iterable[Set[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for some in sets:
        if some is None:
            return None
        found |= some
    return found
