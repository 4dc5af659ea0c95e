"""``alembic.ddl`` and its modules."""
