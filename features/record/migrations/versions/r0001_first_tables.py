"""The record's first tables.

Revision ID: r0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

from features.record.migrations.guards import append_only, gapless, prepare

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEYS = {
    "ledger": (
        "position",
        "kind, subject, version",
    ),
    "settings": ("id",),
    "resellers": ("position",),
    "reseller_sites": ("position, site_no",),
    "products": ("position",),
    "rates": ("position",),
    "orders": ("position",),
    "order_lines": ("position, line_no",),
    "statuses": ("position",),
    "findings": ("position",),
    "decisions": (
        "position",
        "order_id, revision",
    ),
    "promotions": ("position",),
}
"""The unique keys of each table, which its guard protects."""


def upgrade() -> None:
    """Create the tables, then guard them."""
    _ledger()
    _parties_and_goods()
    _orders()
    _judgements()
    prepare()
    for table, keys in KEYS.items():
        append_only(table, *keys)
    gapless("ledger")


def downgrade() -> None:
    """Refuse: there is nothing before the first tables."""
    raise NotImplementedError("a record is append-only: delete its database to be rid of it")


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", INT64, nullable=False),
        sa.Column("happened_at", INT64, nullable=True),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("recorded_at", INT64, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_ledger"),
        sa.UniqueConstraint("kind", "subject", "version", name="uq_ledger_kind_subject_version"),
    )
    op.create_index("ix_ledger_kind_known_at", "ledger", ["kind", "known_at"])
    op.create_table(
        "settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_settings"),
    )


def _parties_and_goods() -> None:
    op.create_table(
        "resellers",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("reseller_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address_id", sa.Text(), nullable=True),
        sa.Column("founded_at", INT64, nullable=True),
        sa.Column("authorised_from", INT64, nullable=True),
        sa.Column("authorised_to", INT64, nullable=True),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_resellers_position"),
        sa.PrimaryKeyConstraint("position", name="pk_resellers"),
    )
    op.create_table(
        "reseller_sites",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("site_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reseller_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", INT64, nullable=True),
        sa.Column("valid_to", INT64, nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["resellers.position"], name="fk_reseller_sites_position"),
        sa.PrimaryKeyConstraint("position", "site_no", name="pk_reseller_sites"),
    )
    op.create_table(
        "products",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("hs_code", sa.Text(), nullable=True),
        sa.Column("eccn", sa.Text(), nullable=True),
        sa.Column("sensitivity", sa.Integer(), nullable=True),
        sa.Column("list_price_minor", INT64, nullable=True),
        sa.Column("list_price_currency", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_products_position"),
        sa.PrimaryKeyConstraint("position", name="pk_products"),
    )
    op.create_table(
        "rates",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("valid_from", INT64, nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_rates_position"),
        sa.PrimaryKeyConstraint("position", name="pk_rates"),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("t", INT64, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("revision", INT64, nullable=False),
        sa.Column("ordered_at", INT64, nullable=True),
        sa.Column("reseller_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_orders_position"),
        sa.PrimaryKeyConstraint("position", name="pk_orders"),
    )
    op.create_table(
        "order_lines",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity_milli", INT64, nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("amount_minor", INT64, nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("value", INT64, nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("end_user_id", sa.Text(), nullable=True),
        sa.Column("end_user_class", sa.Text(), nullable=True),
        sa.Column("declared_use", sa.Text(), nullable=True),
        sa.Column("ship_country", sa.Text(), nullable=True),
        sa.Column("ship_region", sa.Text(), nullable=True),
        sa.Column("ship_city", sa.Text(), nullable=True),
        sa.Column("ship_latitude", sa.Double(), nullable=True),
        sa.Column("ship_longitude", sa.Double(), nullable=True),
        sa.Column("for_stock", sa.Boolean(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["orders.position"], name="fk_order_lines_position"),
        sa.PrimaryKeyConstraint("position", "line_no", name="pk_order_lines"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "statuses",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("happened_at", INT64, nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_statuses_position"),
        sa.PrimaryKeyConstraint("position", name="pk_statuses"),
    )


def _judgements() -> None:
    op.create_table(
        "findings",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("revision", INT64, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("happened_at", INT64, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("line_id", sa.Text(), nullable=True),
        sa.Column("reseller_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("propensity", sa.Double(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_findings_position"),
        sa.PrimaryKeyConstraint("position", name="pk_findings"),
    )
    op.create_table(
        "decisions",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("revision", INT64, nullable=False),
        sa.Column("t", INT64, nullable=False),
        sa.Column("position_seen", INT64, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("vectors", sa.LargeBinary(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_decisions_position"),
        sa.PrimaryKeyConstraint("position", name="pk_decisions"),
        sa.UniqueConstraint("order_id", "revision", name="uq_decisions_order_id_revision"),
    )
    op.create_table(
        "promotions",
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        sa.Column("known_at", INT64, nullable=False),
        sa.Column("promotion_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["ledger.position"], name="fk_promotions_position"),
        sa.PrimaryKeyConstraint("position", name="pk_promotions"),
    )
