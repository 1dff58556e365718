"""One measured side in a process of its own: `python -m benchmarks.sides SIDE TEXTS [START STOP]`.

It loads, reads a few texts that are not measured, then reads its slice once, on one thread, and says what that took; or each
slice that is named to it, a line with START and STOP for each.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from benchmarks import rivals
from benchmarks.texts import WORK, written
from nlp.article import Document

WARMING = 5
"""Texts, the last of the file, that are read before the measured ones: tables load at their first use."""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
) | {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
"""Environment of every side."""

Read = Callable[[Sequence[Document]], int]


class Cost(NamedTuple):
    """What a slice took a side: texts read, things marked, CPU- and clock-seconds, seconds to load, MiB at the peak."""

    texts: int
    marked: int
    cpu: float
    clock: float
    loading: float
    memory: float

    @property
    def rate(self) -> float:
        """Give texts a CPU-second."""
        return self.texts / self.cpu


def _ours(pipeline: str) -> Callable[[], Read]:
    def load() -> Read:
        from nlp.pipeline import load_pipeline, read

        nlp = forgetting(load_pipeline(pipeline))
        return lambda documents: sum(len(reading.findings) for reading in read(nlp, documents))

    return load


def forgetting(nlp: Any) -> Any:
    """Give a pipeline whose components find in no cache of our own what another document left there; its tokenizer does."""
    from nlp import concepts
    from nlp.components import endpoints, sections

    caches = (concepts._link, endpoints.classify, sections.role_of_label)

    def alone(component: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def call(doc: Any) -> Any:
            for cache in caches:
                cache.cache_clear()
            return component(doc)

        return call

    pipeline = [(name, alone(component)) for name, component in nlp.pipeline]
    return SimpleNamespace(make_doc=nlp.make_doc, meta=nlp.meta, pipeline=pipeline)


def _rival(load_it: Callable[[Path], rivals.Reader], name: str) -> Callable[[], Read]:
    def load() -> Read:
        reader = load_it(WORK / name)
        return lambda documents: reader([document.text for document in documents])

    return load


SIDES: dict[str, Callable[[], Read]] = {
    "findings": _ours("findings"),
    "rules": _ours("rules"),
    "spacy": _rival(rivals.load_spacy, "spacy"),
    "bert": _rival(rivals.load_bert, "bert"),
    "bert-int8": _rival(rivals.load_onnx, "bert-int8"),
    "network": _rival(rivals.load_network, "network"),
}
"""Name of a side → what loads it."""

MAKERS: dict[str, Callable[[Path], None]] = {"spacy": rivals.make_spacy, "bert-int8": rivals.make_onnx}


def prepare(names: Sequence[str]) -> None:
    """Make the rivals that are not there yet."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in MAKERS and not (WORK / name).exists():
            print(f"making {name} …", file=sys.stderr)
            code = f"from benchmarks.sides import MAKERS, WORK; MAKERS[{name!r}](WORK / {name!r})"
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def measured(side: str, texts: Path, start: int, stop: int) -> Cost:
    """Run a side over a slice of a file of texts in a process of its own.

    Raises:
        SystemExit: the side failed; its error output is shown.
    """
    command = [sys.executable, "-m", "benchmarks.sides", side, str(texts), str(start), str(stop)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def running(side: str, texts: Path) -> Iterator[Callable[[int, int], Cost]]:
    """Start a side, and give what has it read a slice of a file of texts and waits for its cost.

    Raises:
        SystemExit: the side failed; its error output stands above.
    """
    command = [sys.executable, "-m", "benchmarks.sides", side, str(texts)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    quiet = os.environ | ONE_THREAD | {"PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(command, env=quiet, **pipes) as process:

        def read(start: int, stop: int) -> Cost:
            print(start, stop, file=process.stdin, flush=True)
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise SystemExit(f"{' '.join(command)} failed")
            return Cost(**json.loads(line))

        yield read


def peak() -> float:
    """Give the most memory that was resident since this program began, in MiB; getrusage counts its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def main() -> None:
    """Read slices and print the cost of each as JSON."""
    side, texts, *given = sys.argv[1:]
    documents = written(Path(texts))
    loading = time.perf_counter()
    read = SIDES[side]()
    read(documents[-WARMING:])
    loading = time.perf_counter() - loading
    slices = [given] if given else map(str.split, sys.stdin)
    for start, stop in slices:
        taken = documents[int(start) : int(stop)]
        clock, cpu = time.perf_counter(), time.process_time()
        marked = read(taken)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        print(json.dumps(Cost(len(taken), marked, cpu, clock, loading, peak())._asdict()), flush=True)


if __name__ == "__main__":
    main()
