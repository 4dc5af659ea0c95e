"""With which SQLAlchemy the engines are compared."""

from __future__ import annotations

import sqlalchemy as sa

# Alembic leaves much to SQLAlchemy, and 2.0 writes some of it otherwise: the list of
# differences is one for 2.1. What we write with either, the laws hold.
collect_ignore_glob = ["test_*.py"] if sa.__version__.startswith("2.0.") else []
