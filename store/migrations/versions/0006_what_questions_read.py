"""Findings repeat what questions and filters ask of their article and study; SQLite gets an index that covers them.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ASKED = (
    *(
        "effect",
        "study",
        "sample_size",
        "year",
        "pmid",
        "version_id",
        "drug",
        "confidence",
        "created_at",
        "anchor",
    ),
    *("instrument_curie", "instrument_name", "condition_curie", "condition_name", "direction", "comparator"),
    *(
        "timepoint",
        "timepoint_hours",
        "value",
        "concept_curie",
        "concept_name",
        "assertion",
        "comparison",
        "rate",
    ),
    *("transient", "serious", "low", "high", "unit", "mg_per_kg_low", "mg_per_kg_high", "mg_low", "mg_high"),
    *("route", "infusion", "schedule", "flagged", "attention"),
)
GROUPED = ("type", "in_scope", "domain", "own_result", "status", "design", "species", "setting", "retracted")
LISTED = ("place", "start", "id")
COVERING = {
    "ix_findings_covering": (*GROUPED, "id", *ASKED),
    "ix_findings_covering_place": (*LISTED, *GROUPED, *ASKED),
    "ix_findings_covering_scope": (
        "in_scope",
        *LISTED,
        *(name for name in GROUPED if name != "in_scope"),
        *ASKED,
    ),
}
"""Rows of findings are wide; what filters and questions read of them is a seventh.

Lists find their page, and questions their rows, without opening a row that they do not show. PostgreSQL allows no index of
so many columns, and opens rows faster.
"""

OF_DOSE = ("id", "type", "status", "mg_per_kg_low", "mg_per_kg_high", "mg_low", "mg_high", "route", "anchor")

REPEATED = """
UPDATE findings SET
  study = (SELECT a.study FROM articles a WHERE a.pmid = findings.pmid),
  year = (SELECT a.year FROM articles a WHERE a.pmid = findings.pmid),
  retracted = (SELECT a.retracted FROM articles a WHERE a.pmid = findings.pmid),
  species = (SELECT s.species FROM studies s WHERE s.pmid = findings.pmid),
  design = (SELECT s.design FROM studies s WHERE s.pmid = findings.pmid),
  setting = (SELECT s.setting FROM studies s WHERE s.pmid = findings.pmid),
  sample_size = (SELECT s.sample_size FROM studies s WHERE s.pmid = findings.pmid)
"""


def upgrade() -> None:
    op.add_column("articles", sa.Column("study", sa.String()))
    for name in ("study", "species", "design", "setting"):
        op.add_column("findings", sa.Column(name, sa.String()))
    for name in ("year", "sample_size"):
        op.add_column("findings", sa.Column(name, sa.Integer()))
    op.add_column("findings", sa.Column("retracted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE articles SET study = coalesce(registry_number, pmid)")
    _name_linked_papers(op.get_bind())
    op.execute(REPEATED)
    op.create_index("ix_articles_study", "articles", ["study"])
    op.create_index("ix_findings_year", "findings", ["year"])
    if op.get_bind().dialect.name == "sqlite":
        for name, columns in COVERING.items():
            op.create_index(name, "findings", list(columns))
        doses = sa.text("type = 'dose'")
        op.create_index("ix_findings_covering_doses", "findings", list(OF_DOSE), sqlite_where=doses)
        op.drop_index("ix_findings_place", "findings")
        op.drop_index("ix_findings_scope", "findings")
        op.execute("ANALYZE")


def _name_linked_papers(connection: sa.Connection) -> None:
    """Name papers of one work or trial by the first PMID among them, as store.companions does."""
    first: dict[str, str] = {}

    def root(pmid: str) -> str:
        while first.setdefault(pmid, pmid) != pmid:
            pmid = first[pmid]
        return pmid

    for one, other in connection.execute(sa.text("SELECT pmid, other_pmid FROM companions")).all():
        low, high = sorted((root(one), root(other)), key=int)
        first[high] = low
    for pmid in first:
        connection.execute(
            sa.text("UPDATE articles SET study = :study WHERE pmid = :pmid"),
            {"study": root(pmid), "pmid": pmid},
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_findings_place", "findings", list(LISTED))
        op.create_index("ix_findings_scope", "findings", ["in_scope", *LISTED])
        for name in (*COVERING, "ix_findings_covering_doses"):
            op.drop_index(name, "findings")
    op.drop_index("ix_findings_year", "findings")
    op.drop_index("ix_articles_study", "articles")
    for name in ("study", "species", "design", "setting", "year", "sample_size", "retracted"):
        op.drop_column("findings", name)
    op.drop_column("articles", "study")
