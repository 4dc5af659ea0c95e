"""What plug-ins, test helpers and other programs import of Alembic."""
