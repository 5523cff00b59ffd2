"""The chain of the ledger: each row's link covers the row, its payload, and the link before it.

Revision ID: r0005
Revises: r0004
"""

import sqlalchemy as sa
from alembic import op

from features.record.chain import BEGINNING, CHUNK, chained, link
from features.record.ledger import LEDGER
from features.record.migrations.guards import append_only, gapless, unguarded
from features.record.rows import write

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None

KEYS = ("position", "kind, subject, version")

LINKS = sa.Table(
    "new_links",
    sa.MetaData(),
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("payload", sa.Text(), nullable=False),
    sa.Column("link", sa.Text(), nullable=False),
    prefixes=["TEMPORARY"],
)


def upgrade() -> None:
    """Add the columns and chain what is there."""
    for name in ("payload", "link"):
        op.add_column("ledger", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    LINKS.create(connection)
    _chain(connection)
    unguarded("ledger", len(KEYS))
    op.execute(
        "UPDATE ledger SET payload = (SELECT n.payload FROM new_links n WHERE n.position = ledger.position), "
        "link = (SELECT n.link FROM new_links n WHERE n.position = ledger.position)"
    )
    append_only("ledger", *KEYS)
    if connection.dialect.name != "postgresql":  # SQLite asks the youngest trigger first, and this one says it best
        op.execute("DROP TRIGGER ledger_gapless")
        gapless("ledger")
    LINKS.drop(connection)


def downgrade() -> None:
    """Refuse: what was exported as a checkpoint would speak of nothing."""
    raise NotImplementedError("a record is append-only: go back to a copy made before the upgrade")


def _chain(connection: sa.Connection) -> None:
    tables = sa.MetaData()  # as they are at this revision, whatever is added later
    tables.reflect(connection)
    last = connection.execute(sa.select(sa.func.max(LEDGER.c.position))).scalar() or 0
    previous, rows = BEGINNING, []
    for row, held in chained(connection, last, tables):
        whole = (*row[:-2], held or "")
        previous = link(previous, whole)
        rows.append((row[0], held or "", previous))
        if len(rows) == CHUNK:
            write(connection, {LINKS: rows})
            rows = []
    if rows:
        write(connection, {LINKS: rows})
