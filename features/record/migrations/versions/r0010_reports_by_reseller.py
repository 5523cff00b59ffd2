"""Finding the sell-through reports of one reseller.

Revision ID: r0010
Revises: r0009
"""

from alembic import op

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index. No row changes."""
    op.create_index("ix_sell_through_reports_reseller_id", "sell_through_reports", ["reseller_id"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_sell_through_reports_reseller_id", "sell_through_reports")
