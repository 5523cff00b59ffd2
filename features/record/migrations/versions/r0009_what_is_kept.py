"""Decisions without a probability, recalls, legal holds, and redactions.

Rules alone may decide; open orders are called back; and a redaction alone may remove what an order or a decision holds.

Revision ID: r0009
Revises: r0008
"""

import sqlalchemy as sa
from alembic import op

from features.record.ledger import INT64
from features.record.migrations.guards import append_only, only_redacted

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a decision stand without a probability, and create the tables. No row that is there changes."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE decisions ALTER COLUMN probability DROP NOT NULL")
    else:
        _nullable("decisions", "probability")
    _recalls()
    _legal_holds()
    _redactions()
    for table in ("orders", "order_lines", "decisions"):
        only_redacted(table)


def _recalls() -> None:
    op.create_table(
        "recalls",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("number", INT64, nullable=False),
        sa.Column("revision", INT64, nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("finding_revision", INT64, nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_recalls_position"),
        sa.PrimaryKeyConstraint("position", name="pk_recalls"),
    )
    op.create_index("ix_recalls_order_id", "recalls", ["order_id"])
    append_only("recalls", "position")


def _legal_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("revision", INT64, nullable=False),
        sa.Column("lifted", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("reseller_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_legal_holds_position"),
        sa.PrimaryKeyConstraint("position", name="pk_legal_holds"),
    )
    append_only("legal_holds", "position")


def _redactions() -> None:
    op.create_table(
        "redactions",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("redaction_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_redactions_position"),
        sa.PrimaryKeyConstraint("position", name="pk_redactions"),
    )
    op.create_table(
        "redacted_rows",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("redacted", INT64, nullable=False),
        sa.ForeignKeyConstraint(["position"], ["redactions.position"], name="fk_redacted_rows_position"),
        sa.PrimaryKeyConstraint("position", "row_no", name="pk_redacted_rows"),
        sa.UniqueConstraint("redacted", name="uq_redacted_rows_redacted"),
    )
    append_only("redactions", "position")
    append_only("redacted_rows", "position, row_no", "redacted")


def _nullable(table: str, column: str) -> None:
    """Drop NOT NULL from a column of SQLite in place, the way of its manual (ALTER TABLE, section 8).

    Copying a table of all answers would take its size again on the disk.
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (f"{column} DOUBLE NOT NULL", f"{column} DOUBLE", table),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")


def downgrade() -> None:
    """Refuse: rows may hold what the change was made for."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
