"""Sections and sentences of an abstract, by line, label, cue and position.

A labelled section is a line `LABEL: text`; an unlabelled abstract gets a role for each sentence from its
words and its place. Sentence boundaries are spaCy's sentencizer idea with rules of our own, over the folded
text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
from spacy.attrs import IDX, SENT_START
from spacy.language import Language
from spacy.tokens import Doc

from nlp.extensions import Section, Sentence, text_of
from nlp.vocabulary import read_table

ROLES = ("title", "background", "aim", "methods", "results", "conclusion", "registration")

_LABEL = re.compile(r"[ \t]{0,4}([^\W\d_][^:\n]{1,69}?)[ \t]?:[ \t\u2009\xa0]+")
# a label inside a line: after a sentence's end, `METHODS: We`, `Results The`
_INLINE = re.compile(
    r"(?:(?<=[.!?]\s)|(?<=[.!?]))(?P<label>(?:background|introduction|objectives?|aims?|purpose|"
    r"(?:patients|materials?|subjects) and"
    r" methods|methods?|results?|findings|conclusions?|discussion|limitations?|trial registration)"
    r"(?:/(?:objectives?|aims?|introduction))?)\s?(?P<colon>:|\.(?=\s))?\s+",
    re.IGNORECASE,
)
# a full stop may carry quotes, brackets or citation numbers (`suicide.2 Furthermore`, `ECT.9–12 No`)
_STOP = re.compile(
    r"[.!?](?:[\"')\]]{0,3};?|(?<=[a-z)\]].)\d{1,3}(?:[,–-]\d{1,3}){0,4})(?=\s)|[.!?](?=[A-Z][a-z]+\s)"
)
_NEVER = frozenset(
    [
        "vs",
        "cf",
        "eg",
        "ie",
        "e.g",
        "i.e",
        "al",
        "fig",
        "figs",
        "dr",
        "prof",
        "approx",
        "ca",
        "viz",
        "st",
        "no",
        "nos",
        "ref",
        "refs",
        "resp",
        "vol",
        "eds",
        "mr",
        "mrs",
        "inc",
        "ltd",
        "sp",
        "spp",
        "var",
        "incl",
    ]
)
# these, and initials, end a sentence only before a capitalised word
_MAYBE = frozenset(
    [
        "i.v",
        "iv",
        "i.p",
        "i.m",
        "s.c",
        "p.o",
        "i.n",
        "i.t",
        "i.c.v",
        "im",
        "sc",
        "po",
        "u.s",
        "u.k",
        "c.i",
        "s.d",
        "s.e",
        "s.e.m",
        "a.m",
        "p.m",
        "b.i.d",
        "t.i.d",
        "q.i.d",
        "b.w",
        "h.s",
        "p.r.n",
        "max",
    ]
)
_LAST_WORD = re.compile(r"[^\s(\[,;]{1,12}$")
_CAPITALISED = re.compile(r"[\"'(\[]{0,2}[A-Z](?:[a-z]+|\s)")


def is_boundary(text: str, stop: int, resume: int) -> bool:
    """Say whether the full stop at `stop` ends a sentence that is followed by text at `resume`.

    >>> is_boundary("0.5 mg/kg i.v. over 40 min", 13, 15)
    False
    """
    following = text[resume : resume + 24]
    if not following or following[0].islower() or following[0] in ",;:)]%=<>":
        return False
    if text[stop] != ".":
        return True
    match = _LAST_WORD.search(text, max(0, stop - 13), stop)
    word = match[0].casefold().strip("\"')]") if match else ""
    if word in _NEVER:
        return False
    if word in _MAYBE or (len(word) == 1 and word.isalpha()) or _initials(word):
        return bool(_CAPITALISED.match(following))
    return True


def _initials(word: str) -> bool:
    return "." in word and all(len(part) == 1 for part in word.split("."))


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the sentences between two offsets, without the white space around them."""
    begin = start
    for match in _STOP.finditer(text, start, end):
        resume = match.end()
        while resume < end and text[resume].isspace():
            resume += 1
        if resume < end and is_boundary(text, match.start(), resume):
            yield from _trimmed(text, begin, match.end())
            begin = resume
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and (text[start].isspace() or text[start] == "\x00"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] == "\x00"):
        end -= 1
    if start < end:
        yield start, end


A_START, NOT_A_START = 1, -1  # spaCy's values of SENT_START


@lru_cache(maxsize=4096)
def role_of_label(label: str) -> str | None:
    """Give the role of a section from its label, None when no word of it is known."""
    words = label.casefold()
    return next((role for begins, role in _label_words() if begins(words)), None)


@lru_cache(maxsize=1)
def _label_words() -> list[tuple[Callable[[str], object], str]]:
    return [
        (re.compile(r"\b" + re.escape(row["word"])).search, row["role"])
        for row in read_table("section_labels.tsv")
    ]


def split_sections(text: str) -> list[Section]:
    """Cut a document into title, labelled and unlabelled parts; the role of an unlabelled part is empty."""
    sections: list[Section] = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        end = start + len(line)
        if line.strip():
            sections.extend(
                [Section(start, end, None, "title")] if number == 0 else _sections_of_line(text, start, end)
            )
        start = end + 1
    return sections


def _sections_of_line(text: str, start: int, end: int) -> Iterator[Section]:
    label, role = None, ""
    match = _LABEL.match(text, start, end)
    if match and (role := role_of_label(match[1]) or ("results" if match[1].isupper() else "")):
        label, start = match[1].strip(), match.end()
    for inline in _INLINE.finditer(text, start, end):
        word = inline["label"]
        if not (inline["colon"] or word.isupper() or (word[0].isupper() and text[inline.end()].isupper())):
            continue
        yield Section(start, inline.start(), label, role)
        label, role, start = word, role_of_label(word) or "", inline.end()
    yield Section(start, end, label, role)


_AIM = re.compile(
    r"\b(?:aim(?:s|ed)?|objectives?|purpose|goal|sought to|(?:we|study|trial|review|paper|article|here) "
    r"(?:\w+ ){0,3}"
    r"(?:investigat|examin|evaluat|assess|test|explor|compar|determin|review|describ|report|present|hypothesi|ask)\w*"
    r"|to (?:investigate|examine|evaluate|assess|determine|compare|test) )"
)
_METHODS = re.compile(
    r"\b(?:were|was) (?:randomi[sz]ed|randomly|assigned|allocated|enrolled|recruited|administered|given|"
    r"injected|treated|assessed|measured"
    r"|evaluated|performed|conducted|searched|included|divided|scanned|collected|recorded|analy[sz]ed|used|infused|anesthetized)"
    r"|\b(?:received|underwent|participated|completed|participants|inclusion|primary (?:outcome|end "
    r"?point)|we (?:conducted|performed|"
    r"searched|recruited|enrolled|used|randomi[sz]ed|administered|measured|analy[sz]ed|retrospectively)|crossover|double-blind)\b"
)
_RESULTS = re.compile(
    r"\bp ?[<=>≤]|\bp-value|\d ?%|\bci\b|significant|\b(?:results?|findings?|we (?:found|observed|"
    r"identified|show)|showed|revealed|"
    r"increased|decreased|reduced|improved|improvement|induced|attenuated|reversed|blocked|elicited|responded|remission|higher|lower|greater|"
    r"did not|no difference|compared (?:to|with)|was associated|were associated|correlated|occurred|"
    r"resulted in|effective)\b"
)
_CONCLUSION = re.compile(
    r"\b(?:conclu\w+|in summary|in sum\b|taken together|collectively|these (?:results|findings|data|"
    r"observations)|this (?:study|trial|review|case|"
    r"work|finding|meta-analysis) (?:\w+ ){0,2}(?:suggest|demonstrat|show|support|provid|indicat|"
    r"highlight|add)\w*|our (?:results|findings|data|"
    r"study|observations|work) (?:\w+ ){0,2}(?:suggest|demonstrat|show|support|provid|indicat|highlight|"
    r"confirm|impl|reveal|extend)\w*|"
    r"(?:further|future|additional|more|larger) (?:\w+ ){0,3}(?:research|stud(?:y|ies)|trials?|work|"
    r"investigations?)|may (?:be|represent|provide|offer)|"
    r"should be|promising|is needed|are needed|are warranted|is warranted|results suggest|findings "
    r"suggest|the (?:present|current) (?:study|results|findings))\b"
)
_REGISTRATION = re.compile(
    r"(?:clinical ?trials?(?:\.gov| registr)|trial registration|\bnct ?\d{6,}|\bchictr|\bisrctn|eudract|"
    r"prospero|all rights reserved|copyright|©)"
)


def guess_roles(sentences: Sequence[str]) -> list[str]:
    """Guess the role of each sentence of an unlabelled abstract (folded) from its words and place."""
    roles: list[str] = []
    reached = 0  # index in ROLES: an abstract goes forward; only the last third can conclude
    last = len(sentences) - 1
    for index, sentence in enumerate(sentences):
        place = index / last if last else 1.0
        role = _guess_role(sentence, place, reached)
        if role not in ("registration",):
            reached = max(reached, ROLES.index(role))
        roles.append(role)
    return roles


def _guess_role(sentence: str, place: float, reached: int) -> str:
    if len(sentence) < 400 and _REGISTRATION.search(sentence) and place > 0.5:
        return "registration"
    if place > 0.6 and _CONCLUSION.search(sentence):
        return "conclusion"
    started = reached >= ROLES.index("aim")
    if place < 0.7 and _AIM.search(sentence) and reached <= ROLES.index("methods"):
        return "aim"
    if started and reached < ROLES.index("results") and _METHODS.search(sentence):
        return "methods"
    if (started or place > 0.35) and _RESULTS.search(sentence):
        return "results"
    if _METHODS.search(sentence) and (started or place > 0.15):
        return "methods"
    return ROLES[reached] if started else "background"


def read_sentences(text: str, folded: str, sections: Sequence[Section]) -> list[Sentence]:
    """Give the sentences of all sections, each with a role."""
    sentences = [
        Sentence(start, end, section.label, section.role)
        for section in sections
        for start, end in split_sentences(text, section.start, section.end)
    ]
    unknown = [i for i, sentence in enumerate(sentences) if not sentence.role]
    guessed = guess_roles([folded[sentences[i].start : sentences[i].end] for i in unknown])
    for i, role in zip(unknown, guessed, strict=True):
        sentences[i] = sentences[i]._replace(role=role)
    return sentences


@Language.component("ketmine_sections", assigns=["doc._.sections", "doc._.sentences", "token.is_sent_start"])
def sections(doc: Doc) -> Doc:
    """Write `doc._.sections`, `doc._.sentences` and the sentence starts of spaCy's tokens."""
    text, folded = text_of(doc), doc._.folded
    doc._.sections = tuple(split_sections(text))
    doc._.sentences = tuple(read_sentences(text, folded, doc._.sections))
    # one array: spaCy's setter of a token looks through the whole Doc each time
    places = doc.to_array([IDX])
    first = np.searchsorted(places, [0, *(sentence.start for sentence in doc._.sentences)])
    marks = np.full(len(doc), NOT_A_START, dtype=np.int64)
    marks[first[first < len(doc)]] = A_START
    doc.from_array([SENT_START], cast(Any, marks.view(np.uint64).reshape(-1, 1)))
    return doc
