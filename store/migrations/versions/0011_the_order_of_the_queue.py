"""An index in the order of the queue, so that a batch is taken without looking at all that waits.

Revision 0011, after 0010.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RANK = (
    "CASE WHEN status = 'superseded' OR (status NOT IN ('pending', 'needs_adjudication') AND NOT attention) THEN NULL "
    "WHEN status = 'needs_adjudication' THEN 0 "
    "WHEN type = 'adverse_event' AND serious IS TRUE AND assertion <> 'absent' THEN 1 "
    "WHEN attention THEN 4 WHEN flagged THEN 5 ELSE 6 END"
)
FED = (
    *("route", "mg_per_kg_low", "mg_low", "infusion_minutes", "effect", "instrument_curie", "domain"),
    *("timepoint_hours", "comparator", "condition_curie", "concept_curie", "assertion", "rate", "comparison"),
    "serious",
)
GAIN = (
    "4.0 * coalesce(confidence, 0.5) * (1.0 - coalesce(confidence, 0.5)) "
    "* CASE WHEN own_result THEN 1.0 ELSE 0.5 END * (1 + {})"
).format(" + ".join(f"CASE WHEN {name} IS NOT NULL THEN 1 ELSE 0 END" for name in FED))


def upgrade() -> None:
    op.execute(f"CREATE INDEX ix_findings_queue ON findings (({RANK}), ({GAIN}) DESC, id)")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ANALYZE findings")


def downgrade() -> None:
    op.drop_index("ix_findings_queue", "findings")
