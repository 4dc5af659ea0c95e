"""The ``alembic`` command line, for a folder without an app:
``python -m flask_migrations_ext.alembic_compat upgrade head``.
"""

from __future__ import annotations

from .tools.command_line import main

if __name__ == "__main__":
    main(prog="alembic")
