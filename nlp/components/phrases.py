"""A sentence of results as its phrases: what its words are (table), and the noun phrases between them.

There is no tagger here: a word that no table names is taken for part of a noun phrase. That is wrong for
rare verbs and right for the open vocabulary of endpoints, which is what matters.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from nlp.components.times import timepoints
from nlp.vocabulary import read_table

LONGEST = 4000
"""Characters of the longest sentence that is read: what is longer is a table or noise, and costs its square."""


class Word(NamedTuple):
    """A word of a folded sentence: offsets, text and class.

    Classes: those of sentence_words.tsv, those of change_words.tsv (verb → `change`, noun → `amount`,
    comparative, same, touch), and noun, number, time, bracket, comma, stop, family (a ketamine-family
    drug), other (another drug).
    """

    start: int
    end: int
    text: str
    kind: str
    direction: str | None = None


class Phrase(NamedTuple):
    """A noun phrase: offsets in the sentence, and the indexes of its words."""

    start: int
    end: int
    first: int
    last: int


class DrugSpan(NamedTuple):
    """A drug in a sentence: offsets, whether it is of the ketamine family, and its name."""

    start: int
    end: int
    member: bool
    name: str


def _inflect(verb: str) -> Iterable[str]:
    if "/" in verb:
        return verb.split("/")
    if verb.endswith("fy"):
        return (verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing")
    if verb.endswith("e"):
        return (verb, verb + "s", verb + "d", verb[:-1] + "ing")
    return (verb, verb + "s", verb + "ed", verb + "ing")


def _vocabulary() -> dict[str, tuple[str, str | None]]:
    words: dict[str, tuple[str, str | None]] = {}
    for row in read_table("sentence_words.tsv"):
        for word in row["words"].split() if row["class"] != "no_endpoint" else ():
            words.setdefault(word, (row["class"], None))
    for row in read_table("change_words.tsv"):
        part, direction = row["part"], row["direction"]
        if part == "verb":
            words.update((form, ("change", direction)) for form in _inflect(row["word"]))
        elif part == "noun" and words.get(row["word"], ("",))[0] == "change":
            words[row["word"]] = ("either", direction)
        else:
            words[row["word"]] = ({"noun": "amount"}.get(part, part), direction)
    return words


VOCABULARY = _vocabulary()
NO_ENDPOINT = frozenset(
    word
    for row in read_table("sentence_words.tsv")
    if row["class"] == "no_endpoint"
    for word in row["words"].split()
)
_TOKEN = re.compile(
    r"\d+(?:[.,]\d+)*%?(?![a-z0-9-])|[a-z0-9µ±+&](?:[\w'’+&*-]|[./](?=\w))*|[;:]|,|\.(?=\s|$)|[()\[\]{}]"
    r"|[<>=≤≥~]+|\S"
)
_NUMBER = re.compile(r"[<>=≤≥~±+-]*\d[\d.,]*%?|[<>=≤≥~±%]+")
_ADVERB = re.compile(r"[a-z-]+ly")
_NOT_ADVERB = frozenset(("family", "daily", "weekly", "monthly", "early", "elderly", "only", "quarterly"))


def words_of(sentence: str, drugs: Sequence[DrugSpan]) -> list[Word]:
    """Cut a folded sentence into classed words; brackets, drugs and times each become one word."""
    whole = [*((d.start, d.end, "family" if d.member else "other") for d in drugs)]
    whole += [
        (a, b, "bracket") for a, b in _brackets(sentence) if not any(s < b and a < e for s, e, _ in whole)
    ]
    taken = sorted(whole)
    whole += [
        (q.start, q.end, "time")
        for q in timepoints(sentence)
        if not any(s < q.end and q.start < e for s, e, _ in taken)
    ]
    out: list[Word] = []
    position = 0
    for start, end, kind in sorted(whole):
        if start < position:
            continue
        out.extend(_plain_words(sentence, position, start))
        out.append(Word(start, end, sentence[start:end], kind))
        position = end
    out.extend(_plain_words(sentence, position, len(sentence)))
    return _with_adjectives(out)


_ADJECTIVES = frozenset(
    ("sustained", "completed", "reported", "perceived", "estimated", "observed", "required", "rated")
)
_BEFORE_ADJECTIVE = ("determiner", "preposition", "comma", "conjunction", "comparative", "change")


def _with_adjectives(words: list[Word]) -> list[Word]:
    """Read participles that stand before a noun as part of its phrase."""
    for i in range(1, len(words) - 1):
        word = words[i]
        if (word.text == "patient" and words[i + 1].kind == "noun") or (
            word.text in _ADJECTIVES
            and words[i - 1].kind in _BEFORE_ADJECTIVE
            and words[i + 1].kind in ("noun", "stopnoun")
        ):
            words[i] = word._replace(kind="noun")
    return words


def _brackets(sentence: str) -> Iterator[tuple[int, int]]:
    depth, begin = 0, 0
    for m in re.finditer(r"[()\[\]]", sentence):
        if m[0] in "([":
            begin = m.start() if depth == 0 else begin
            depth += 1
        elif depth:
            depth -= 1
            # a bracket inside a word (il-1(beta), s(+)) is part of the word
            if depth == 0 and (begin == 0 or sentence[begin - 1] == " "):
                yield begin, m.end()


def _plain_words(sentence: str, start: int, end: int) -> Iterator[Word]:
    for m in _TOKEN.finditer(sentence, start, end):
        text = m[0]
        kind, direction = VOCABULARY.get(text, ("", None))
        if not kind:
            kind = _class_of(text)
        yield Word(m.start(), m.end(), text, kind, direction)


def _class_of(text: str) -> str:
    if text == ",":
        return "comma"
    if text in ";:.":
        return "stop"
    if _NUMBER.fullmatch(text):
        return "number"
    if _ADVERB.fullmatch(text) and text not in _NOT_ADVERB:
        return "adverb"
    return "noun" if text[0].isalnum() else "mark"


_INNER = ("noun", "stopnoun", "other")
_OF_HEAD = re.compile(
    r"(?:incidences?|rates?|risks?|prevalence|severity|levels?|consumption|duration|number|times?"
    r"|symptoms?|quality|frequency|proportion"
    r"|percentage|amount|onset|speed|intensity|length|occurrence|needs?|requirements?|use|total|scores?"
    r"|doses?|concentrations?|expression|activity"
    r"|ease|success|probability|likelihood|degree|depth|feelings?|loss|response|remission|remitters|areas?"
    r"|magnitude|odds|amounts|numbers|rates?)"
)


def noun_phrases(words: Sequence[Word]) -> list[Phrase]:
    """Find the noun phrases: runs of nouns, joined across `of`, `to`, `for` after some heads."""
    runs: list[Phrase] = []
    i = 0
    while i < len(words):
        if words[i].kind not in _INNER:
            i += 1
            continue
        j = i
        while j + 1 < len(words) and (
            words[j + 1].kind in _INNER
            or (
                words[j + 1].kind == "number"
                and j + 2 < len(words)
                and words[j + 2].kind == "noun"
                and words[j + 1].text.isdigit()
            )
        ):
            j += 1
        if any(w.kind != "other" for w in words[i : j + 1]):
            runs.append(Phrase(words[i].start, words[j].end, i, j))
        i = j + 1
    return _join(words, runs)


def _join(words: Sequence[Word], runs: list[Phrase]) -> list[Phrase]:
    joined: list[Phrase] = []
    for run in runs:
        if joined and _joins(words, joined[-1], run):
            joined[-1] = Phrase(joined[-1].start, run.end, joined[-1].first, run.last)
        else:
            joined.append(run)
    return joined


_ARTICLES = frozenset(("the", "a", "an", "both", "first", "their", "its"))


def _joins(words: Sequence[Word], a: Phrase, b: Phrase) -> bool:
    between = [w.text for w in words[a.last + 1 : b.first] if w.text not in _ARTICLES]
    head = words[a.last].text
    if between == ["of"]:
        return _OF_HEAD.fullmatch(head) is not None
    return between in (["to"], ["for"], ["until"]) and head in (
        "time",
        "times",
        "need",
        "needs",
        "requirement",
        "requirements",
        "latency",
        "request",
        "demand",
    )
