"""Public corpora as yardsticks: each module scores one, from a file given by path, and gives the figures by name.

Those of YARDSTICKS measure a pipeline as it is; those of `nlp.yardsticks.reports` need a training of their own.
"""

from collections.abc import Callable
from pathlib import Path

from nlp.errors import PipelineError
from nlp.yardsticks import direction, dosage, linking

Figures = dict[str, int | float]

YARDSTICKS: dict[str, Callable[[Path, str], Figures]] = {
    "bc5cdr-linking": linking.score,
    "evidence-inference": direction.score,
    "psynamic-dosage": dosage.score,
}


def measure(name: str, path: Path, pipeline: str = "rules") -> Figures:
    """Score a pipeline by a yardstick; PipelineError names the yardsticks that there are."""
    if name not in YARDSTICKS:
        raise PipelineError(f"There is no yardstick {name!r}; there are {', '.join(sorted(YARDSTICKS))}.")
    return YARDSTICKS[name](path, pipeline)
