"""Spots on a plane, and what resellers share: phone, owner; and the territory that each may sell to.

Revision ID: r0002
Revises: r0001
"""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

ADDED = {
    "resellers": (("phone_id", sa.Text()), ("owner_id", sa.Text()), ("territory", sa.Text())),
    "reseller_sites": (("x_km", sa.Double()), ("y_km", sa.Double())),
    "order_lines": (("ship_x_km", sa.Double()), ("ship_y_km", sa.Double())),
}
"""New columns, each empty in every row that is there: nothing that was said changes."""


def upgrade() -> None:
    """Add the columns behind the others, where the tables' definitions have them too."""
    for table, columns in ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Refuse: rows may hold what the columns were added for."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
