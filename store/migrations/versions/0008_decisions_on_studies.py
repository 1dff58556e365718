"""Decisions on the profile of a study, beside what the machine reads.

Revision 0008, after 0007.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store import tables

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("studies", sa.Column("machine", sa.JSON()))
    op.add_column("studies", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "study_decisions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("pmid", sa.String(), sa.ForeignKey("articles.pmid"), nullable=False),
        sa.Column("curator", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("machine", sa.JSON(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("undoes", sa.Integer()),
        sa.Column("decided_at", tables.UtcDateTime(), nullable=False),
    )
    op.create_index("ix_study_decisions_pmid", "study_decisions", ["pmid"])


def _put_back(connection: sa.Connection, pmid: str, conditions: list[dict[str, Any]]) -> None:
    fields = ("pmid", "start", "end", "text", "curie", "name")
    held = sa.table("study_conditions", *(sa.column(name) for name in fields))
    if conditions:  # a decision made before conditions could be decided on left them alone
        connection.execute(sa.delete(held).where(held.c.pmid == pmid))
    for one in {one["span"][0]: one for one in reversed(conditions)}.values():
        concept = one["concept"] or {}
        values = (pmid, *one["span"], one["text"], concept.get("curie"), concept.get("name"))
        connection.execute(sa.insert(held).values(dict(zip(fields, values, strict=True))))


def downgrade() -> None:
    # the profile becomes the machine's again, which no column would tell from a person's
    fields = ("species", "design", "blinding", "sample_size", "setting")
    held = sa.table(
        "studies", *(sa.column(name) for name in ("pmid", *fields)), sa.column("machine", sa.JSON())
    )
    connection = op.get_bind()
    for pmid, machine in connection.execute(sa.select(held.c.pmid, held.c.machine)).all():
        if machine:
            values = {name: machine[name] for name in fields}
            connection.execute(sa.update(held).where(held.c.pmid == pmid).values(values))
            _put_back(connection, pmid, machine.get("conditions", ()))
    op.drop_table("study_decisions")
    op.drop_column("studies", "revision")
    op.drop_column("studies", "machine")
