"""How a record's tables came to be: one revision a file, run by Alembic when a record is opened."""
