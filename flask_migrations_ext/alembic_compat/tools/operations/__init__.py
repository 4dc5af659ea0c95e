"""``alembic.operations`` and its modules."""
