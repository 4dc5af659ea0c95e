"""``alembic.script`` and its modules."""
