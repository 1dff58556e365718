"""What was linked to a dose that was merged away is linked to the dose that stays.

Revision 0014, after 0013. Going down leaves the links: they name doses that hold.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MERGES = """
    SELECT d.finding_id, d.note FROM decisions d JOIN findings f ON f.id = d.finding_id
    WHERE d.action = 'merge' AND f.type = 'dose' AND f.status = 'rejected' AND d.note LIKE 'Merged into %.'
    AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.id)
    AND NOT EXISTS (
        SELECT 1 FROM decisions l WHERE l.finding_id = d.finding_id AND l.id > d.id AND l.undoes IS NULL
        AND l.action IN ('accept', 'correct', 'split', 'reject', 'merge')
        AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = l.id)
    )
"""
_ADD = """
    INSERT INTO finding_doses (finding_id, dose_id)
    SELECT o.finding_id, f.id FROM finding_doses o JOIN findings f ON f.id = :stays
    WHERE o.dose_id = :gone
    AND NOT EXISTS (SELECT 1 FROM finding_doses n WHERE n.finding_id = o.finding_id AND n.dose_id = :stays)
"""
_DROP = """
    DELETE FROM finding_doses WHERE dose_id = :gone AND EXISTS (SELECT 1 FROM findings WHERE id = :stays)
"""


def upgrade() -> None:
    connection = op.get_bind()
    into = {
        gone: note.removeprefix("Merged into ").removesuffix(".")
        for gone, note in connection.execute(sa.text(_MERGES)).all()
    }
    for gone in into:
        stays, seen = gone, {gone}
        while stays in into and into[stays] not in seen:
            stays = into[stays]
            seen.add(stays)
        if stays != gone:
            for statement in (_ADD, _DROP):
                connection.execute(sa.text(statement), {"gone": gone, "stays": stays})


def downgrade() -> None:
    """Leave the links: the doses that they were taken from do not hold."""
