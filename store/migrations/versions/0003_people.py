"""People: users, log-ins, tokens, and what happened at the door.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from store import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password", sa.String()),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(), unique=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", tables.UtcDateTime(), nullable=False),
    )
    op.create_table(
        "login_sessions",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("started_at", tables.UtcDateTime(), nullable=False),
        sa.Column("seen_at", tables.UtcDateTime(), nullable=False),
    )
    op.create_index("ix_login_sessions_user_id", "login_sessions", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", tables.UtcDateTime(), nullable=False),
        sa.Column("expires_at", tables.UtcDateTime(), nullable=False),
        sa.Column("used_at", tables.UtcDateTime()),
    )
    op.create_index("ix_tokens_label", "tokens", ["user_id", "label"], unique=True)
    op.create_table(
        "login_events",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", tables.UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("address", sa.String()),
        sa.Column("detail", sa.String()),
    )
    op.create_index("ix_login_events_key", "login_events", ["key", "at"])
    op.create_index("ix_login_events_address", "login_events", ["address", "at"])


def downgrade() -> None:
    for name in ("login_events", "tokens", "login_sessions", "users"):
        op.drop_table(name)
