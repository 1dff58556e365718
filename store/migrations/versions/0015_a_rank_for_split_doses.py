"""The order of the queue with a rank of its own for results whose dose was split.

Revision 0015, after 0014.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

RANK = (
    "CASE WHEN status = 'superseded' OR (status NOT IN ('pending', 'needs_adjudication') AND NOT attention) THEN NULL "
    "WHEN status = 'needs_adjudication' THEN 0 "
    "WHEN type = 'adverse_event' AND serious IS TRUE AND assertion <> 'absent' THEN 1 "
    "WHEN attention THEN {} WHEN flagged THEN {} ELSE {} END"
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


def _index(first: int) -> None:
    """Make the index anew, what was reopened having this rank."""
    op.drop_index("ix_findings_queue", "findings")
    rank = RANK.format(first, first + 1, first + 2)
    op.execute(f"CREATE INDEX ix_findings_queue ON findings (({rank}), ({GAIN}) DESC, id)")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ANALYZE findings")


def upgrade() -> None:
    _index(first=5)


def downgrade() -> None:
    _index(first=4)
