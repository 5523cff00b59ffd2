"""Triggers that keep the record append-only: the database itself refuses UPDATE and DELETE, whoever asks.

One way leads past them: a payload goes where a redaction, an event of the chain, names its position (`only_redacted`).

SQLite's INSERT OR REPLACE deletes without asking a trigger, so there an insert on a held key is refused as well.
On both, the ledger takes no position but the next. What a trigger cannot refuse is DROP TABLE: withhold ownership
of the tables from the service's account where that matters.
"""

from alembic import op


def append_only(table: str, *keys: str) -> None:
    """Refuse UPDATE, DELETE (and TRUNCATE) on a table, and inserts that would replace a row.

    Each key is the columns of one unique constraint, such as ``"order_id, revision"``.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the record is append-only: {table} refuses {verb}'); END"
        )
    for number, key in enumerate(keys):
        new = ", ".join(f"NEW.{column.strip()}" for column in key.split(","))
        held = f"EXISTS (SELECT 1 FROM {table} WHERE ({key}) = ({new}))"  # noqa: S608 - names of our own tables
        refuse_insert(f"{table}_no_replace_{number}", table, held, f"holds this {key}")


def refuse_insert(trigger: str, table: str, condition: str, why: str) -> None:
    """Refuse (on SQLite) inserts of rows that meet the condition."""
    op.execute(
        f"CREATE TRIGGER {trigger} BEFORE INSERT ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, 'the record is append-only: {table} {why}'); END"
    )


def gapless(table: str) -> None:
    """Refuse any position but the next."""
    if op.get_bind().dialect.name != "postgresql":
        condition = f"NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM {table})"  # noqa: S608 - as above
        refuse_insert(f"{table}_gapless", table, condition, "takes only the next position")
        return
    op.execute(
        f"CREATE TRIGGER {table}_gapless BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION record_is_gapless()"
    )


def prepare() -> None:
    """Create what the triggers of PostgreSQL call."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the record is append-only: % refuses %', TG_TABLE_NAME, TG_OP; END $$"
    )
    op.execute(
        "CREATE FUNCTION record_is_gapless() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM ledger) THEN "
        "RAISE EXCEPTION 'the record is append-only: ledger takes only the next position'; END IF; "
        "RETURN NEW; END $$"
    )


def unguarded(table: str, keys: int) -> None:
    """Take the guards of `append_only` away, for a revision that puts them back in the same transaction."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        return
    for name in ("no_update", "no_delete", *(f"no_replace_{number}" for number in range(keys))):
        op.execute(f"DROP TRIGGER {table}_{name}")


def only_redacted(table: str) -> None:
    """Let go the rows of a guarded table whose position a redaction names, and no others; UPDATE stays refused."""
    named = "EXISTS (SELECT 1 FROM redacted_rows WHERE redacted = OLD.position)"
    if op.get_bind().dialect.name != "postgresql":
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {named} "
            f"BEGIN SELECT RAISE(ABORT, 'the record is append-only: {table} refuses DELETE'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION record_is_redacted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT {named} THEN "
        "RAISE EXCEPTION 'the record is append-only: % refuses %', TG_TABLE_NAME, TG_OP; END IF; "
        "RETURN OLD; END $$"
    )
    op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION record_is_redacted()"
    )
