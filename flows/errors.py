"""The errors of running: the edge turns each into a line on stderr and an exit code."""

from nlp.errors import KetmineError


class SettingsError(KetmineError):
    """A KETMINE_* variable has a value that cannot be used."""


class BusyError(KetmineError):
    """Another run is at work on the same database."""
