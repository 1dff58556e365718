"""Public corpora as examples for the tagger: each has a group of labels of its own, beside those of findings.

The files lie outside the project, one JSON object a line, gzipped, with `text`, `split` and `entities` as (start, end, kind).
"""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from nlp.article import Document
from nlp.extensions import Sentence
from nlp.pipeline import annotate, load_pipeline
from nlp.tagging.labels import GROUPS
from nlp.tagging.pieces import READ, Window, windows
from nlp.training.tagger_data import UNSAID, Sample, tags


class Corpus(NamedTuple):
    """What is read of a corpus: its file's stem, the kinds of span, the splits that train, and how many rows at most."""

    stem: str
    kinds: tuple[str, ...]
    splits: tuple[str, ...]
    most: int
    whole: bool
    """Whether a row is an abstract; else it is a sentence."""


CORPORA = {
    "reported": Corpus("evidence_outcomes", ("Outcome",), ("all",), 640, True),
    "measured": Corpus("ebm_nlp_partial", ("Outcomes", "Interventions"), ("train_part",), 500, True),
    "compared": Corpus("pico_corpus", ("outcome", "intervention", "control"), ("all",), 400, True),
    "case": Corpus(
        "phee2",
        ("Treatment.Drug", "Treatment.Dosage", "Treatment.Route", "Effect"),
        ("train",),
        3000,
        False,
    ),
    "adverse": Corpus("ade_v2", ("Drug", "Adverse_Effect"), ("train",), 4000, False),
    "caused": Corpus("bc5cdr", ("Chemical", "Disease"), ("train",), 250, True),
}
"""Group → the corpus whose spans its labels tell."""

DIRECTIONS = "evidence_inference_direction"


def bio(kinds: Sequence[str]) -> tuple[str, ...]:
    """Give the labels of pieces outside, at the beginning of and inside spans of some kinds."""
    return ("O", *(f"{place}-{kind}" for kind in kinds for place in "BI"))


SCHEME = {**GROUPS, **{group: bio(corpus.kinds) for group, corpus in CORPORA.items()}}
"""Every group that training knows: those of findings first, so that a head can be cut to them."""


def rows(folder: Path, stem: str) -> Iterator[dict[str, Any]]:
    """Read a corpus."""
    with gzip.open(folder / f"{stem}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def in_test(row: Mapping[str, Any]) -> bool:
    """Tell whether a row of a corpus without splits is kept for testing: one in ten, by its record's number."""
    return int(row["pmid"]) % 10 == 0


def split_of(row: Mapping[str, Any]) -> str:
    """Give the split of a row; a corpus that comes whole is split by `in_test`."""
    if row["split"] != "all" or "neg" not in row:
        return str(row["split"])
    return "test" if in_test(row) else "train"


def samples(folder: Path, tokenizer: Tokenizer, seed: int = 7) -> list[Sample]:
    """Make the examples of all corpora, each at most as many rows as its entry says, drawn by the seed."""
    rng = random.Random(seed)
    out: list[Sample] = []
    for group, corpus in CORPORA.items():
        held = [row for row in rows(folder, corpus.stem) if split_of(row) in corpus.splits]
        for row in rng.sample(held, min(corpus.most, len(held))):
            out.extend(examples(row, tokenizer, group))
    out.extend(directions(folder, tokenizer))
    return out


def directions(
    folder: Path, tokenizer: Tokenizer, split: Sequence[str] = ("train", "v2")
) -> Iterator[Sample]:
    """Give the sentences that name their outcome as it was asked for: the first piece of it carries the direction."""
    for number, row in enumerate(rows(folder, DIRECTIONS)):
        at = row["evidence"].lower().find(row["outcome"].lower())
        if row["split"] not in split or at < 0:
            continue
        for window in sentence_windows(tokenizer, row["evidence"]):
            end = at + len(row["outcome"])
            inside = [i for i, (a, b) in enumerate(window.offsets) if a < end and at < b and b > a]
            if inside:
                labels = [UNSAID] * len(window.ids)
                labels[inside[0]] = GROUPS["direction"].index(row["direction"])
                yield Sample(f"{DIRECTIONS}:{number}", window, {"direction": labels})


def sentence_windows(tokenizer: Tokenizer, text: str) -> Iterator[Window]:
    """Give the windows of a sentence that stands alone, as a sentence of results that names no drug of the family."""
    return windows(tokenizer, text, [Sentence(0, len(text), None, "results")], [])


def examples(row: Mapping[str, Any], tokenizer: Tokenizer, group: str) -> Iterator[Sample]:
    """Make the examples of one row: its spans as labels of its corpus' group."""
    corpus, text = CORPORA[group], row["text"]
    spans = [(start, end, kind) for start, end, kind in row["entities"] if kind in corpus.kinds]
    cut = abstract_windows(tokenizer, row["id"], text) if corpus.whole else sentence_windows(tokenizer, text)
    for window in cut:
        yield Sample(row["id"], window, {group: tags(window, spans, SCHEME[group])})


_NLP: list[Any] = []


def abstract_windows(tokenizer: Tokenizer, name: str, text: str) -> Iterator[Window]:
    """Give the windows of an abstract's title, results and conclusions."""
    if not _NLP:
        nlp = load_pipeline("rules")
        for pipe in [pipe for pipe in nlp.pipe_names if pipe != "sections"]:
            nlp.remove_pipe(pipe)
        _NLP.append(nlp)
    doc = annotate(_NLP[0], Document(id=name, text=text))
    return windows(tokenizer, text, [s for s in doc._.sentences if s.role in READ], [])
