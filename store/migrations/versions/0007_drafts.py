"""Drafts: what a curator has typed and not yet sent.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from store import tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("curator", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", tables.UtcDateTime(), nullable=False),
    )
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])


def downgrade() -> None:
    op.drop_table("drafts")
