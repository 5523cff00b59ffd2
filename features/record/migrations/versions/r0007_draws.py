"""Whether a decision's order was drawn for a random audit, and with which probability it came to wait.

Revision ID: r0007
Revises: r0006
"""

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty in every row that is there: no digest changes."""
    op.add_column("decisions", sa.Column("drawn", sa.Boolean(), nullable=True))
    op.add_column("decisions", sa.Column("inclusion", sa.Double(), nullable=True))


def downgrade() -> None:
    """Refuse: rows may hold what the columns were added for."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
