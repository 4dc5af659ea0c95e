"""What tests need that the lowest versions do not have."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa


def needs_sqlalchemy(version: str, reason: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test with an older SQLAlchemy.

    :param reason: what that version brought.
    """
    return pytest.mark.skipif(
        _numbers(sa.__version__) < _numbers(version),
        reason=f"SQLAlchemy {version}: {reason}",
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:3])
