"""The audit of the accept lane: where in the queue a finding stands that was drawn for it.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lane_audits") as audits:
        audits.add_column(sa.Column("queued_as", sa.Float(), nullable=False, server_default="0.5"))


def downgrade() -> None:
    with op.batch_alter_table("lane_audits") as audits:
        audits.drop_column("queued_as")
