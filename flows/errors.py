"""The errors of running: the edge turns each into a line on stderr and an exit code."""

from nlp.errors import KetmineError


class SettingsError(KetmineError):
    """A KETMINE_* variable has a value that cannot be used."""


class UnfinishedError(KetmineError):
    """A run came to its end and left work that it could not do; `run_id` tells of it."""

    def __init__(self, reason: str, run_id: int) -> None:
        super().__init__(f"Run {run_id} did not finish its work: {reason}")
        self.run_id = run_id


class BusyError(KetmineError):
    """Another run is at work on the same database."""


class UnlockedError(KetmineError):
    """The lock that keeps other runs out was lost in mid-run."""
