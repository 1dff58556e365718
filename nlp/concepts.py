"""Words of a disorder, symptom or drug → a term of an open vocabulary: MeSH first, HPO and ChEBI where it has none.

A name is compared by its words, whatever their order and number, after words that are one in this field are made one
(`tumour`, `cancer` → `neoplasm`); what says only how much or when (`severe`, `postoperative`) is left out where the name is
not found with it. What is not found so is looked for by its character trigrams; below `NEAR` it has no concept.
"""

import csv
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

from nlp.finding import Concept, Drug
from nlp.folding import fold
from nlp.vocabulary import RESOURCES, read_table

NAMES = "disease_concepts.tsv.gz"
NEAR = 0.88
"""Least cosine of trigrams for a name that is not found word by word."""

PART = 4096
"""Keys that are indexed at a time: what more would need beside the index itself is a fifth of a process's memory."""

_LETTERS = " 0123456789abcdefghijklmnopqrstuvwxyz"
_SIZE = len(_LETTERS)
_PLACES = bytes(max(_LETTERS.find(chr(code)), 0) for code in range(256))
"""Byte → its place among the letters that a key has; any other counts as a space."""

_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = frozenset(
    [
        "of",
        "the",
        "and",
        "in",
        "with",
        "to",
        "by",
        "from",
        "due",
        "associated",
        "related",
        "induced",
        "a",
        "an",
        "or",
        "on",
        "for",
    ]
)


class Linked(NamedTuple):
    """A concept, and how it was found: `name`, `modified` (a word left out), or `near` (by trigrams)."""

    concept: Concept
    how: str
    similarity: float


def stem(word: str) -> str:
    """Take the plural's ending off a word."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words_of(name: str) -> list[str]:
    """Give the words of a name in order, each in the one form that stands for all of its meaning."""
    same = _same_words()
    stems = (stem(word) for word in _WORD.findall(fold(name).replace("'s", "")))
    return [part for word in stems for part in same.get(word, word).split("_")]


def key(name: str) -> str:
    """Give what two names of one concept share: their words, sorted, each once.

    >>> key("Depressive Disorder, Major") == key("major depressive disorders")
    True
    """
    return " ".join(sorted(set(words_of(name)) - _EMPTY))


def link(name: str) -> Linked | None:
    """Find the concept of a disorder or symptom."""
    return _link(name.strip())


@lru_cache(maxsize=20_000)
def _link(name: str) -> Linked | None:
    index, wanted = _index(), key(name)
    if not wanted:
        return None
    if wanted in index.by_key:
        return Linked(_concept(index.by_key[wanted]), "name", 1.0)
    for without in _unmodified(wanted.split()):
        if without in index.by_key:
            return Linked(_concept(index.by_key[without]), "modified", 1.0)
    near, similarity = index.trigrams.nearest(wanted)
    return Linked(_concept(near), "near", round(similarity, 3)) if similarity >= NEAR else None


def _unmodified(words: Sequence[str]) -> Iterator[str]:
    """Give the key without one of its modifiers, then without all of them; never without any word."""
    modifiers = [word for word in words if word in _modifiers()]
    for dropped in ([modifier] for modifier in modifiers):
        yield " ".join(word for word in words if word not in dropped) or "-"
    yield " ".join(word for word in words if word not in modifiers) or "-"


def _concept(number: int) -> Concept:
    curie, name = _index().concepts[number]
    return Concept(curie=curie, name=name)


def drug_concept(drug: Drug) -> Concept:
    """Give the concept of a member of the ketamine family."""
    return _drugs()[drug]


@lru_cache(maxsize=1)
def _drugs() -> dict[Drug, Concept]:
    return {
        Drug(row["member"]): Concept(curie=row["curie"], name=row["name"])
        for row in read_table("drug_concepts.tsv")
    }


@lru_cache(maxsize=1)
def _same_words() -> dict[str, str]:
    return {row["word"]: row["stands_for"] for row in read_table("same_words.tsv") if row["stands_for"]}


@lru_cache(maxsize=1)
def _modifiers() -> frozenset[str]:
    return frozenset(row["word"] for row in read_table("same_words.tsv") if not row["stands_for"])


class _Index(NamedTuple):
    concepts: list[tuple[str, str]]
    by_key: dict[str, int]
    trigrams: "Trigrams"


@lru_cache(maxsize=1)
def _index() -> _Index:
    concepts: list[tuple[str, str]] = []
    by_key: dict[str, int] = {}
    further: list[tuple[str, int]] = []
    for row in read_table("concept_names.tsv"):
        by_key.update((key(name), len(concepts)) for name in row["names"].split("|"))
        concepts.append((row["curie"], row["name"]))
    with gzip.open(RESOURCES / NAMES, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            own, *others = row["keys"].split("|")
            by_key.setdefault(own, len(concepts))
            further.extend((other, len(concepts)) for other in others)
            concepts.append((row["curie"], row["name"]))
    for wanted, number in further:  # a concept's own name goes before another's further name
        by_key.setdefault(wanted, number)
    return _Index(concepts, by_key, Trigrams(by_key))


class Trigrams:
    """The nearest of many keys by the cosine of TF-IDF over character trigrams, exactly: a sum over the asked columns."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        """Take key → number; the index is built at the first question."""
        self._keys, self._numbers = list(numbers), list(numbers.values())

    def nearest(self, wanted: str) -> tuple[int, float]:
        """Give the number of the nearest key, and the cosine."""
        import numpy as np

        columns = self._columns
        codes, _, times = _counted([wanted])
        asked = times * columns.weights[codes]
        asked /= max(float(np.linalg.norm(asked)), 1e-9)
        scores = np.zeros(len(self._keys), dtype=np.float32)
        for code, weight in zip(codes, asked, strict=True):
            held = slice(columns.begins[code], columns.begins[code + 1])
            scores[columns.holders[held]] += columns.shares[held] * weight
        best = int(scores.argmax())
        return self._numbers[best], float(scores[best])

    @cached_property
    def _columns(self) -> "_Columns":
        import numpy as np

        held_by = np.zeros(_SIZE**3, dtype=np.int64)
        for part in self._parts():
            codes, _, _ = _counted(part)
            held_by += np.bincount(codes, minlength=len(held_by))
        weights = np.log(len(self._keys) / np.maximum(held_by, 1)).astype(np.float32)
        weights[held_by == 0] = 0  # what no key has tells nothing
        begins = np.concatenate([[0], np.cumsum(held_by)])
        holders = np.empty(begins[-1], dtype=np.int32)
        shares = np.empty(begins[-1], dtype=np.float32)
        free, before = begins[:-1].copy(), 0  # where the next key of each column goes
        for part in self._parts():
            codes, owners, times = _counted(part)
            weighted = times * weights[codes]
            lengths = np.sqrt(np.bincount(owners, weighted**2, minlength=len(part))).astype(np.float32)
            here = np.bincount(codes, minlength=len(held_by))
            places = np.arange(len(codes)) + np.repeat(free - (np.cumsum(here) - here), here)
            holders[places] = owners + before
            shares[places] = weighted / np.maximum(lengths[owners], 1e-9)
            free, before = free + here, before + len(part)
        return _Columns(weights, begins, holders, shares)

    def _parts(self) -> Iterator[list[str]]:
        keys = iter(self._keys)
        return iter(lambda: list(islice(keys, PART)), [])


class _Columns(NamedTuple):
    """By trigram: what it weighs and where its column begins. By place in a column: a key, and the trigram's share in it."""

    weights: Any
    begins: Any
    holders: Any
    shares: Any


def _counted(keys: Sequence[str]) -> tuple[Any, Any, Any]:
    """Count the trigrams of each key: their codes in order, whose they are, and how often."""
    import numpy as np

    text = "".join(f"  {known} " for known in keys).encode("ascii", "replace").translate(_PLACES)
    letters = np.frombuffer(text, np.uint8).astype(np.int64)
    owners = np.repeat(np.arange(len(keys)), [len(known) + 3 for known in keys])
    inside = owners[:-2] == owners[2:]
    codes = ((letters[:-2] * _SIZE + letters[1:-1]) * _SIZE + letters[2:])[inside]
    pairs, times = np.unique(codes * len(keys) + owners[:-2][inside], return_counts=True)
    return *np.divmod(pairs, len(keys)), times.astype(np.float32)
