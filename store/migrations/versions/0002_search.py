"""Full-text search, and where a finding stands in lists.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TITLE = "substr(text, 1, instr(text || char(10), char(10)) - 1)"
REST = "substr(text, instr(text || char(10), char(10)) + 1)"

SQLITE = (
    f"CREATE VIEW article_search_texts AS SELECT id, {TITLE} AS title, {REST} AS abstract FROM article_versions",
    "CREATE VIRTUAL TABLE article_search USING fts5(title, abstract, content='article_search_texts', "
    "content_rowid='id', tokenize=\"unicode61 remove_diacritics 0\")",
    "INSERT INTO article_search(article_search) VALUES ('rebuild')",
    "CREATE TRIGGER article_search_insert AFTER INSERT ON article_versions BEGIN "
    "INSERT INTO article_search(rowid, title, abstract) "
    f"VALUES (new.id, {TITLE.replace('text', 'new.text')}, {REST.replace('text', 'new.text')}); END",
)

WORDS = (
    "setweight(to_tsvector('simple', regexp_replace(split_part(said, E'\\n', 1), '[^[:alnum:]]+', ' ', 'g')), 'A') || "
    "setweight(to_tsvector('simple', regexp_replace(substr(said, strpos(said || E'\\n', E'\\n')), "
    "'[^[:alnum:]]+', ' ', 'g')), 'B')"
)

POSTGRESQL = (
    "CREATE TABLE article_search (version_id integer PRIMARY KEY REFERENCES article_versions (id) ON DELETE CASCADE, "
    "words tsvector NOT NULL)",
    f"CREATE FUNCTION article_search_words(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$ SELECT {WORDS} $$",
    "INSERT INTO article_search SELECT id, article_search_words(text) FROM article_versions",
    "CREATE INDEX ix_article_search_words ON article_search USING gin (words)",
    "CREATE FUNCTION article_search_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO article_search VALUES (new.id, article_search_words(new.text)); RETURN new; END $$",
    "CREATE TRIGGER article_search_insert AFTER INSERT ON article_versions "
    "FOR EACH ROW EXECUTE FUNCTION article_search_keep()",
)

PLACE = """
UPDATE findings SET
  place = -(SELECT coalesce(a.year, 0) * CAST(1000000000 AS BIGINT) + CAST(a.pmid AS BIGINT)
            FROM articles a WHERE a.pmid = findings.pmid),
  in_scope = coalesce((SELECT s.species IN ('human', 'mixed') AND s.setting = 'psychiatric' AND NOT a.retracted
                       FROM articles a JOIN studies s ON s.pmid = a.pmid WHERE a.pmid = findings.pmid), false)
"""


def upgrade() -> None:
    op.add_column("findings", sa.Column("place", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("findings", sa.Column("in_scope", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(PLACE)
    op.create_index("ix_findings_place", "findings", ["place", "start", "id"])
    op.create_index("ix_findings_scope", "findings", ["in_scope", "place", "start", "id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TRIGGER article_search_insert"
        + (" ON article_versions" if op.get_bind().dialect.name != "sqlite" else "")
    )
    op.execute("DROP TABLE article_search")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP VIEW article_search_texts")
    else:
        op.execute("DROP FUNCTION article_search_keep()")
        op.execute("DROP FUNCTION article_search_words(text)")
    op.drop_index("ix_findings_scope", "findings")
    op.drop_index("ix_findings_place", "findings")
    op.drop_column("findings", "in_scope")
    op.drop_column("findings", "place")
