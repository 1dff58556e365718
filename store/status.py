"""Where a finding stands, apart from the tables, so that the command line names roles and rights without a database."""

from enum import StrEnum


class Status(StrEnum):
    """Where a finding stands between machine and people. The values are stored: rename by migration."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    NEEDS_ADJUDICATION = "needs_adjudication"
    SUPERSEDED = "superseded"


HIDDEN = (Status.REJECTED.value, Status.SUPERSEDED.value)
"""What a list leaves out unless it is asked for it."""
