"""Notices of awards, their links to sales, and what analysts said of the links.

Revision ID: r0003
Revises: r0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from features.record.migrations.guards import append_only

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NEEDED: dict[str, tuple[tuple[str, Any], ...]] = {
    "notices": (
        ("known_at", INT64), ("notice_id", sa.Text()), ("revision", INT64), ("content_hash", sa.Text()),
        ("published_at?", INT64), ("happened_at?", INT64), ("source?", sa.Text()), ("url?", sa.Text()),
        ("language?", sa.Text()), ("buyer_id?", sa.Text()), ("buyer_name?", sa.Text()), ("buyer_class", sa.Text()),
        ("buyer_country?", sa.Text()), ("buyer_region?", sa.Text()), ("buyer_city?", sa.Text()), ("method?", sa.Text()),
    ),
    "award_lines": (
        ("line_no", sa.Integer()), ("award_id", sa.Text()), ("supplier_id?", sa.Text()), ("supplier_name?", sa.Text()),
        ("supplier_country?", sa.Text()), ("supplier_region?", sa.Text()), ("supplier_city?", sa.Text()),
        ("description?", sa.Text()), ("category?", sa.Text()), ("quantity_milli?", INT64), ("unit?", sa.Text()),
        ("amount_minor?", INT64), ("currency?", sa.Text()), ("value?", INT64), ("sku?", sa.Text()),
        ("serial?", sa.Text()), ("bundled", sa.Boolean()),
    ),
    "linkings": (
        ("known_at", INT64), ("notice_id", sa.Text()), ("revision", INT64), ("notice_revision", INT64),
    ),
    "linked_lines": (
        ("line_no", sa.Integer()), ("reseller_id?", sa.Text()), ("explained", sa.Boolean()),
        ("exceeds?", sa.Boolean()),
    ),
    "links": (
        ("link_no", sa.Integer()), ("line_no", sa.Integer()), ("grade", sa.Text()), ("weight", sa.Double()),
        ("terms", sa.Text()), ("reseller_id", sa.Text()), ("order_id?", sa.Text()), ("line_id?", sa.Text()),
    ),
    "link_verdicts": (
        ("known_at", INT64), ("link_id", sa.Text()), ("revision", INT64), ("notice_id", sa.Text()),
        ("line_no", sa.Integer()), ("confirmed", sa.Boolean()), ("who", sa.Text()), ("why?", sa.Text()),
        ("order_id?", sa.Text()),
    ),
}  # fmt: skip
"""Columns behind the position; those with a question mark may be empty."""

PARTS = {
    "award_lines": ("notices", "line_no"),
    "linked_lines": ("linkings", "line_no"),
    "links": ("linkings", "link_no"),
}
"""Tables with several rows a position: whose position it is, and what numbers the rows."""


def upgrade() -> None:
    """Create the tables, then guard them."""
    for table, columns in NEEDED.items():
        _create(table, columns)
        append_only(table, "position, " + PARTS[table][1] if table in PARTS else "position")


def _create(table: str, columns: tuple[tuple[str, Any], ...]) -> None:
    owner, number = PARTS.get(table, ("ledger", None))
    key = ["position"] if number is None else ["position", number]
    op.create_table(
        table,
        sa.Column("position", INT64, autoincrement=False, nullable=False),
        *(_column(name, kind, name == number) for name, kind in columns),
        sa.ForeignKeyConstraint(["position"], [f"{owner}.position"], name=f"fk_{table}_position"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )


def _column(name: str, kind: Any, numbers: bool) -> sa.Column[Any]:
    optional = name.endswith("?")
    if numbers:
        return sa.Column(name, kind, autoincrement=False, nullable=False)
    return sa.Column(name.rstrip("?"), kind, nullable=optional)


def downgrade() -> None:
    """Refuse: notices may stand in the tables."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")
