"""Case reports: drugs, doses, routes and effects in the sentences of PHEE, drugs and adverse effects in those of ADE.

The shipped pipeline has no labels for the drugs of others, so each yardstick needs a training of its own: by the trainer of the
shipped tagger, from the base encoder, on the corpus' own training part alone. (Half of ADE's test sentences stand in PHEE's
training part, and most of PHEE's in ADE's: no model that read one may be measured on the other.) What was trained is kept in a
folder, and measured from there.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Tokenizer

from nlp.components.token_classifier import scorer
from nlp.errors import PipelineError
from nlp.training.corpora import CORPORA, sentence_windows, split_of
from nlp.yardsticks.records import every

WEIGHTS = "model.onnx"

Span = tuple[int, int, str]
Figures = dict[str, int | float]


class Task(NamedTuple):
    """The corpus' group of labels, and the kinds between which a relation is read."""

    group: str
    related: tuple[str, str] | None = None


TASKS = {"phee": Task("case"), "ade": Task("adverse", ("Drug", "Adverse_Effect"))}


def score(name: str, path: Path, folder: Path) -> Figures:
    """Measure the model in a folder on a corpus' test part; where there is none, train it first and keep it there.

    PipelineError when it must be trained and the extra `train` is not installed.
    """
    task = TASKS[name]
    rows = [row for row in every(path) if not row.get("neg")]
    if not (folder / WEIGHTS).is_file():
        _train(task, [row for row in rows if split_of(row) in CORPORA[task.group].splits], folder)
    tested = [row for row in rows if split_of(row) == "test"]
    return figures(task, tested, list(read(task.group, [row["text"] for row in tested], folder)))


def _train(task: Task, rows: Sequence[dict[str, Any]], folder: Path) -> None:
    try:
        from nlp.training.make_yardstick import make
    except ImportError as error:
        raise PipelineError(
            f"{folder} holds no {WEIGHTS}, and training one needs {error.name}, which is not installed: "
            "pip install 'ketmine[train]'"
        ) from error
    make(task.group, rows, folder)


def read(group: str, texts: Iterable[str], folder: Path) -> Iterator[set[Span]]:
    """Give the spans that a trained model marks in each text."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    names = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
    columns = {int(number): label for number, label in names.items() if label.startswith(f"{group}:")}
    labels = [label.partition(":")[2] for label in columns.values()]
    scores = scorer(folder)
    for text in texts:
        found: set[Span] = set()
        for window in sentence_windows(tokenizer, text):
            given = {
                "input_ids": window.ids,
                "attention_mask": [1] * len(window.ids),
                "token_type_ids": window.types,
            }
            best = np.asarray(scores(given))[:, list(columns)].argmax(axis=1)
            found.update(spans(text, window.offsets, [labels[i] for i in best]))
        yield found


def spans(text: str, offsets: Sequence[tuple[int, int]], labels: Sequence[str]) -> Iterator[Span]:
    """Join word pieces to spans: `B-` begins one, `I-` goes on, and the first piece of a word speaks for all of it.

    >>> list(spans("Amiodarone-induced rash", [(0, 4), (4, 10), (10, 11), (11, 18), (19, 23)], ["B-x", "O", "O", "O", "B-y"]))
    [(0, 10, 'x'), (19, 23, 'y')]
    """
    start, end, kind, last = 0, 0, "", -1
    for (a, b), label in zip(offsets, labels, strict=True):
        if a == b:  # the frame
            continue
        place, _, said = label.partition("-")
        inside_word = a == last and text[a].isalnum() and text[a - 1].isalnum()
        if inside_word or (place == "I" and said == kind):
            end = b if kind else end
        else:
            if kind:
                yield start, end, kind
            start, end, kind = a, b, said
        last = b
    if kind:
        yield start, end, kind


def figures(task: Task, rows: Sequence[dict[str, Any]], found: Sequence[set[Span]]) -> Figures:
    """Give F1 of spans with equal ends, all and by kind, and of pairs where the task has a relation."""
    kinds = CORPORA[task.group].kinds
    counted: Counter[tuple[str, str]] = Counter()
    for row, given in zip(rows, found, strict=True):
        marked = {(start, end, kind) for start, end, kind in row["entities"] if kind in kinds}
        for kind in kinds:
            _count(counted, kind, {s for s in marked if s[2] == kind}, {s for s in given if s[2] == kind})
        _count(counted, "all", marked, given)
        if task.related:
            pairs = {
                (tuple(row["entities"][i]), tuple(row["entities"][j]))
                for i, j, _ in row["relations"]
                if (row["entities"][i][2], row["entities"][j][2]) == task.related
            }
            _count(counted, "relation", pairs, related(given, task.related))
            _count(counted, "relation_of_marked_spans", pairs, related(marked, task.related))
    out: Figures = {"sentences": len(rows), "marked": counted["all", "marked"]}
    for kind in ("all", *kinds, *(("relation", "relation_of_marked_spans") if task.related else ())):
        both = counted[kind, "given"] + counted[kind, "marked"]
        out[f"{kind}_f1"] = round(2 * counted[kind, "right"] / max(1, both), 4)
    return out


def related(found: Iterable[Span], kinds: tuple[str, str]) -> set[tuple[Span, Span]]:
    """Pair every drug of a sentence with every effect in it: of such pairs of ADE's training part 97 in 100 are related."""
    first, second = ([span for span in found if span[2] == kind] for kind in kinds)
    return set(product(first, second))


def _count(counted: Counter[tuple[str, str]], kind: str, marked: set[Any], given: set[Any]) -> None:
    counted[kind, "marked"] += len(marked)
    counted[kind, "given"] += len(given)
    counted[kind, "right"] += len(marked & given)
