"""API keys and who looked into what; ways from a reseller to its orders and from an order to its findings.

Revision ID: r0006
Revises: r0005
"""

import sqlalchemy as sa
from alembic import op

from features.record.ledger import INT64
from features.record.migrations.guards import append_only

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables, append-only, and the indexes. No row that is there changes."""
    op.create_table(
        "key_events",
        sa.Column("number", INT64, autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", INT64, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("expires_at", INT64, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_key_events"),
    )
    op.create_table(
        "accesses",
        sa.Column("number", INT64, autoincrement=False, nullable=False),
        sa.Column("at", INT64, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_accesses"),
    )
    op.create_index("ix_accesses_key_id_deed_at", "accesses", ["key_id", "deed", "at"])
    op.create_index("ix_orders_reseller_id", "orders", ["reseller_id"])
    op.create_index("ix_findings_order_id", "findings", ["order_id"])
    op.create_index("ix_findings_reseller_id", "findings", ["reseller_id"])
    append_only("key_events", "number")
    append_only("accesses", "number")


def downgrade() -> None:
    """Refuse: a key that was revoked must stay so."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
