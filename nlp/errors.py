"""The errors raised below flows; the edge turns each into a line a person can act on."""


class KetmineError(Exception):
    """Say what happened, to which record, and what to do about it."""


class PipelineError(KetmineError):
    """A pipeline cannot be loaded: its config, resources or model files are missing or wrong."""


class RecordError(KetmineError):
    """One record cannot be read; the others can."""


class StoreError(KetmineError):
    """The database is missing, not migrated, locked, or refuses what was asked."""


class TransitionError(KetmineError):
    """A review decision that the finding's status does not allow."""
