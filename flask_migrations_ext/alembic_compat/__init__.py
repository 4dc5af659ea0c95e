"""Alembic's and Flask-Migrate's names for what is here, so that their projects run.

Translation only: what a name does is decided elsewhere. Nothing below imports this.
"""

from __future__ import annotations

from .projects.names import install

__all__ = ["install"]
