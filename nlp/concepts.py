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
from typing import Any, NamedTuple

from nlp.finding import Concept, Drug
from nlp.folding import fold
from nlp.vocabulary import RESOURCES, read_table

NAMES = "disease_concepts.tsv.gz"
NEAR = 0.88
"""Least cosine of trigrams for a name that is not found word by word."""

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

        matrix, columns, weights = self._matrix
        asked = np.zeros(len(columns), dtype=np.float32)
        for trigram in _trigrams(wanted):
            if trigram in columns:
                asked[columns[trigram]] += weights[columns[trigram]]
        asked = asked / max(float(np.linalg.norm(asked)), 1e-9)
        scores = np.zeros(len(self._keys), dtype=np.float32)
        for column in np.flatnonzero(asked):
            held = slice(matrix.indptr[column], matrix.indptr[column + 1])
            scores[matrix.indices[held]] += matrix.data[held] * asked[column]
        best = int(scores.argmax())
        return self._numbers[best], float(scores[best])

    @cached_property
    def _matrix(self) -> tuple[Any, dict[str, int], Any]:
        """Give the keys' weights by trigram, where each trigram stands, and what it weighs."""
        import numpy as np
        from scipy.sparse import csr_matrix, diags

        letters = np.frombuffer("".join(f"  {known} " for known in self._keys).encode(), np.uint8)
        owners = np.repeat(np.arange(len(self._keys)), [len(known) + 3 for known in self._keys])
        inside = owners[:-2] == owners[2:]
        wide = letters.astype(np.int32)
        codes = (wide[:-2] << 16 | wide[1:-1] << 8 | wide[2:])[inside]
        known, first, places = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(first)  # a trigram stands where it is first met
        places = np.argsort(order)[places]
        columns = {
            chr(code >> 16) + chr(code >> 8 & 255) + chr(code & 255): place
            for place, code in enumerate(known[order].tolist())
        }
        counts = csr_matrix(
            (np.ones(len(codes), dtype=np.float32), (owners[:-2][inside], places)),
            shape=(len(self._keys), len(columns)),
        )
        weights = np.log(len(self._keys) / np.bincount(counts.indices, minlength=len(columns))).astype(
            np.float32
        )
        weighted = counts @ diags(weights)
        lengths = np.sqrt(np.add.reduceat(weighted.data**2, weighted.indptr[:-1]))
        return (diags(1 / np.maximum(lengths, 1e-9)) @ weighted).tocsc(), columns, weights


def _trigrams(words: str) -> list[str]:
    text = f"  {words} "
    return [text[i : i + 3] for i in range(len(text) - 2)]
