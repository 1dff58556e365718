"""An index for each filter, of what a list shows; and the wordings that findings have, to look for words in.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LISTED = {
    "sqlite": "in_scope IS 1 AND status NOT IN ('rejected', 'superseded')",
    "postgresql": "in_scope IS true AND status NOT IN ('rejected', 'superseded')",
}
BY_VALUE = {
    **{name: (name,) for name in ("type", "status", "drug", "assertion", "direction", "effect", "route")},
    **{name: (name,) for name in ("design", "blinding", "sample_size", "year", "confidence")},
    **{"hours": ("timepoint_hours",), "created": ("created_at",)},
    **{"mg_per_kg": ("mg_per_kg_high", "mg_per_kg_low"), "mg": ("mg_high", "mg_low")},
}
BY_WORDS = {
    **{"named": ("named", "type")},
    **{name: (name,) for name in ("about", "comparator", "domain")},
}
IF_SO = {
    **{name: (name, True) for name in ("serious", "transient", "flagged", "attention")},
    "background": ("own_result", False),
}
IN_ORDER = ("place", "start", "id", "in_scope", "status", "confidence")
LEFT_OUT_BY = ("own_result", "design", "species", "setting", "retracted")
VERSION = ("version_id", *IN_ORDER, "type")
RETRACTED = {"sqlite": "retracted IS 1", "postgresql": "retracted IS true"}

REPLACED = {
    **{
        f"ix_findings_{name}": (name,)
        for name in ("assertion", "attention", "comparator", "concept_curie", "concept_name", "confidence")
    },
    **{f"ix_findings_{name}": (name,) for name in ("direction", "domain", "effect", "flagged", "route")},
    **{
        f"ix_findings_{name}": (name,)
        for name in ("instrument_curie", "mg_low", "mg_per_kg_low", "serious", "timepoint_hours", "year")
    },
    "ix_findings_drug": ("drug", "type"),
}
"""Indexes of whole columns, which took a page's rows in an order of their own."""

NAMED = "CASE type {} END".format(
    " ".join(
        f"WHEN '{kind}' THEN substr(anchor, 1, 500) || '\n' || coalesce({what}_name, '') || '\n' || "
        f"coalesce({what}_curie, '')"
        for kind, what in (("adverse_event", "concept"), ("outcome", "instrument"))
    )
)
ABOUT = "coalesce(conditions, '') || '\n' || coalesce(condition_name, '') || '\n' || coalesce(condition_curie, '')"

OF_STUDY = {
    "sqlite": """
UPDATE findings SET
  blinding = (SELECT blinding FROM studies s WHERE s.pmid = findings.pmid),
  conditions = (SELECT substr(group_concat(said, char(10)), 1, 1500) FROM (
    SELECT text || char(10) || coalesce(name, '') || char(10) || coalesce(curie, '') AS said
    FROM study_conditions c WHERE c.pmid = findings.pmid ORDER BY start))
""",
    "postgresql": """
UPDATE findings SET
  blinding = (SELECT blinding FROM studies s WHERE s.pmid = findings.pmid),
  conditions = (SELECT substr(string_agg(text || chr(10) || coalesce(name, '') || chr(10) || coalesce(curie, ''),
    chr(10) ORDER BY start), 1, 1500) FROM study_conditions c WHERE c.pmid = findings.pmid)
""",
}

DRUG = {
    "sqlite": "json_extract(coalesce(decided, record), '$.drug_concept.{0}')",
    "postgresql": "coalesce(decided, record) -> 'drug_concept' ->> '{0}'",
}

WORDS = ("named", "about", "comparator", "domain")
READ_FROM = (
    *("type", "anchor", "concept_name", "concept_curie", "instrument_name", "instrument_curie"),
    *("conditions", "condition_name", "condition_curie", "comparator", "domain"),
)
TABLE = """
CREATE TABLE wordings (field VARCHAR NOT NULL, said TEXT NOT NULL, PRIMARY KEY (field, said))
"""


def _new(source: str) -> str:
    return " UNION ALL ".join(
        f"SELECT '{name}', new.{name} WHERE new.{name} IS NOT NULL" if source == "new" else
        f"SELECT DISTINCT '{name}', {name} FROM findings WHERE {name} IS NOT NULL"
        for name in WORDS
    )  # fmt: skip


SQLITE = tuple(
    f"CREATE TRIGGER wordings_{name} AFTER {event} ON findings BEGIN "
    f"INSERT OR IGNORE INTO wordings (field, said) {_new('new')}; END"
    for name, event in (("insert", "INSERT"), ("update", f"UPDATE OF {', '.join(READ_FROM)}"))
)
POSTGRESQL = (
    "CREATE FUNCTION wordings_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"INSERT INTO wordings (field, said) {_new('new')} ON CONFLICT DO NOTHING; RETURN new; END $$",
    "CREATE TRIGGER wordings_keep AFTER INSERT OR UPDATE OF "
    f"{', '.join(READ_FROM)} ON findings FOR EACH ROW EXECUTE FUNCTION wordings_keep()",
)


TITLES = (
    "CREATE FUNCTION article_search_title(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$ "
    "SELECT to_tsvector('simple', regexp_replace(split_part(said, E'\\n', 1), '[^[:alnum:]]+', ' ', 'g')) $$",
    "ALTER TABLE article_search ADD COLUMN title tsvector",
    "UPDATE article_search s SET title = article_search_title(v.text) FROM article_versions v WHERE v.id = s.version_id",
    "CREATE INDEX ix_article_search_title ON article_search USING gin (title)",
)
"""PostgreSQL alone: an index does not know which words stand in the title, and every article would be looked into."""

KEEP = (
    "CREATE OR REPLACE FUNCTION article_search_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO article_search VALUES (new.id, article_search_words(new.text){title}); RETURN new; END $$"
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name in ("blinding", "drug_curie", "drug_name"):
        op.add_column("findings", sa.Column(name, sa.String()))
    op.add_column("findings", sa.Column("conditions", sa.Text()))
    op.execute(OF_STUDY[dialect])
    of_drug = (f"drug_{part} = {DRUG[dialect].format(part)}" for part in ("curie", "name"))
    op.execute(f"UPDATE findings SET {', '.join(of_drug)}")
    op.add_column("findings", sa.Column("named", sa.Text(), sa.Computed(NAMED)))
    op.add_column("findings", sa.Column("about", sa.Text(), sa.Computed(ABOUT)))
    op.execute(TABLE + (" WITHOUT ROWID" if dialect == "sqlite" else ""))
    op.execute(f"INSERT INTO wordings (field, said) {_new('findings')}")
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        op.execute(statement)
    if dialect == "postgresql":
        for statement in (*TITLES, KEEP.format(title=", article_search_title(new.text)")):
            op.execute(statement)
    for name in REPLACED:
        op.drop_index(name, "findings")
    op.create_index("ix_findings_version", "findings", list(VERSION))
    gone = {f"{dialect}_where": sa.text(RETRACTED[dialect])}
    op.create_index("ix_findings_retracted", "findings", ["retracted", *IN_ORDER, "type"], **gone)
    for name, columns in BY_VALUE.items():
        rest = [column for column in ("type", *IN_ORDER) if column not in columns]
        where = sa.text(LISTED[dialect])
        op.create_index(
            f"ix_findings_by_{name}", "findings", [*columns, *rest], **{f"{dialect}_where": where}
        )
    for name, columns in BY_WORDS.items():
        rest = [column for column in ("type", *IN_ORDER, *LEFT_OUT_BY) if column not in columns]
        op.create_index(f"ix_findings_by_{name}", "findings", [*columns, *rest])
    for name, (column, value) in IF_SO.items():
        so = f"{column} IS {int(value) if dialect == 'sqlite' else str(value).lower()}"
        where = sa.text(f"{LISTED[dialect]} AND {so}")
        op.create_index(
            f"ix_findings_if_{name}", "findings", [column, *IN_ORDER, "type"], **{f"{dialect}_where": where}
        )
    if dialect == "sqlite":
        op.execute("ANALYZE")


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    names = [
        *(f"by_{name}" for name in (*BY_VALUE, *BY_WORDS)),
        *(f"if_{name}" for name in IF_SO),
        "version",
        "retracted",
    ]
    for name in names:
        op.drop_index(f"ix_findings_{name}", "findings")
    for name, columns in REPLACED.items():
        op.create_index(name, "findings", list(columns))
    for name in ("insert", "update") if dialect == "sqlite" else ("keep",):
        op.execute(f"DROP TRIGGER wordings_{name}" + ("" if dialect == "sqlite" else " ON findings"))
    if dialect == "postgresql":
        op.execute("DROP FUNCTION wordings_keep()")
        op.execute(KEEP.format(title=""))
        op.execute("ALTER TABLE article_search DROP COLUMN title")
        op.execute("DROP FUNCTION article_search_title(text)")
    op.execute("DROP TABLE wordings")
    for name in ("about", "named", "conditions", "blinding", "drug_curie", "drug_name"):
        op.drop_column("findings", name)
