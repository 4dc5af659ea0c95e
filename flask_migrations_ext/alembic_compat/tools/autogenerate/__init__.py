"""``alembic.autogenerate`` and its modules."""
