"""What titles are compared by, so that one work under two PMIDs is found by an index.

Revision 0012, after 0011.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
SOME = sa.text("SELECT pmid, title FROM articles WHERE pmid > :last ORDER BY pmid LIMIT :at_once")
SET = sa.text("UPDATE articles SET title_key = :key WHERE pmid = :pmid")


def upgrade() -> None:
    op.add_column("articles", sa.Column("title_key", sa.String()))
    connection, last = op.get_bind(), ""
    while some := connection.execute(SOME, {"last": last, "at_once": AT_ONCE}).all():
        connection.execute(SET, [{"pmid": pmid, "key": _key(title)} for pmid, title in some])
        last = some[-1].pmid
    op.create_index("ix_articles_title_key", "articles", ["title_key"])
    if connection.dialect.name == "sqlite":
        op.execute("ANALYZE articles")


def _key(title: str) -> str:
    """Write a title as store.companions does."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title).casefold()))[:500]


def downgrade() -> None:
    op.drop_index("ix_articles_title_key", "articles")
    op.drop_column("articles", "title_key")
