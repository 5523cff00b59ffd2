"""Who vouches for a finding and on what evidence; what the gate found of a promotion, and rollbacks.

Revision ID: r0004
Revises: r0003
"""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

ADDED = {
    "findings": ("who", "grade", "claimed"),
    "promotions": ("undoes", "verdict", "checks", "override"),
}
"""New columns of text, each empty in every row that is there: nothing that was said changes."""


def upgrade() -> None:
    """Add the columns behind the others, where the tables' definitions have them too."""
    for table, columns in ADDED.items():
        for name in columns:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Refuse: rows may hold what the columns were added for."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
