"""Alembic's entry: runs the revisions on the connection that `features.record.schema` hands over."""

from alembic import context

from features.record.ledger import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table=context.config.attributes["version_table"],
)
with context.begin_transaction():
    context.run_migrations()
