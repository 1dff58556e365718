"""Public corpora as yardsticks: each module scores one, from a file given by path.

`score(path, pipeline)` gives the figures by name, in the order in which they are printed.
"""

from collections.abc import Callable
from pathlib import Path

from nlp.errors import PipelineError
from nlp.yardsticks import dosage, linking

Figures = dict[str, int | float]

YARDSTICKS: dict[str, Callable[[Path, str], Figures]] = {
    "bc5cdr-linking": linking.score,
    "psynamic-dosage": dosage.score,
}


def measure(name: str, path: Path, pipeline: str = "rules") -> Figures:
    """Score a pipeline by a yardstick; PipelineError names the yardsticks that there are."""
    if name not in YARDSTICKS:
        raise PipelineError(f"There is no yardstick {name!r}; there are {', '.join(sorted(YARDSTICKS))}.")
    return YARDSTICKS[name](path, pipeline)
