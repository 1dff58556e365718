"""How often answers have shown an article, and an index of the newest ones: the order in which a store is read again.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asked",
        sa.Column("pmid", sa.String(), sa.ForeignKey("articles.pmid"), primary_key=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
    )
    op.create_index("ix_articles_newest", "articles", [sa.text("coalesce(year, 0)"), "version_id"])


def downgrade() -> None:
    op.drop_index("ix_articles_newest", "articles")
    op.drop_table("asked")
