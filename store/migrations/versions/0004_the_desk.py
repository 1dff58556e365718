"""The desk: batches, skips, saved queues, whole abstracts, the accept lane, blind decisions.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from store import tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _finding() -> sa.Column:
    return sa.Column("finding_id", sa.String(), sa.ForeignKey("findings.id"), primary_key=True)


def _curator() -> sa.Column:
    return sa.Column("curator", sa.String(), primary_key=True)


def _at(name: str) -> sa.Column:
    return sa.Column(name, tables.UtcDateTime(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "leases", _finding(), _curator(), sa.Column("place", sa.Integer(), nullable=False), _at("until")
    )
    op.create_index("ix_leases_curator", "leases", ["curator"])
    op.create_table(
        "skips", _finding(), _curator(), sa.Column("reason", sa.String(), nullable=False), _at("skipped_at")
    )
    op.create_table(
        "saved_queues",
        _curator(),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("filters", sa.JSON(), nullable=False),
    )
    op.create_table(
        "whole_abstracts",
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("article_versions.id"), primary_key=True),
        _curator(),
        sa.Column("pmid", sa.String(), sa.ForeignKey("articles.pmid"), nullable=False),
        sa.Column("note", sa.Text()),
        _at("said_at"),
    )
    op.create_index("ix_whole_abstracts_pmid", "whole_abstracts", ["pmid"])
    op.create_table(
        "lane_thresholds",
        sa.Column("type", sa.String(), primary_key=True),
        sa.Column("threshold", sa.Float()),
        sa.Column("wanted", sa.Float(), nullable=False),
        sa.Column("precision", sa.Float()),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        sa.Column("decided", sa.Integer(), nullable=False),
        _at("fitted_at"),
    )
    op.create_table("lane_audits", _finding(), _at("drawn_at"))
    with op.batch_alter_table("decisions") as decisions:
        decisions.add_column(sa.Column("blind", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("decisions") as decisions:
        decisions.drop_column("blind")
    for table in ("lane_audits", "lane_thresholds", "whole_abstracts", "saved_queues", "skips", "leases"):
        op.drop_table(table)
