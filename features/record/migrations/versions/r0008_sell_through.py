"""What resellers report of the goods that they sold on.

Revision ID: r0008
Revises: r0007
"""

import sqlalchemy as sa
from alembic import op

from features.record.migrations.guards import append_only

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "sell_through_reports"


def upgrade() -> None:
    """Create the table, then guard it."""
    op.create_table(
        TABLE,
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("reseller_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("period_from", INT64, nullable=False),
        sa.Column("period_to", INT64, nullable=False),
        sa.Column("quantity_milli", INT64, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("end_user_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name=f"fk_{TABLE}_position"),
        sa.PrimaryKeyConstraint("position", name=f"pk_{TABLE}"),
    )
    append_only(TABLE, "position")


def downgrade() -> None:
    """Refuse: reports may stand in the table."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
