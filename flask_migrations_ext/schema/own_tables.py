"""The tables that stand beside an app's and are no part of it: named in one place."""

from __future__ import annotations

from dataclasses import replace

from .model import TableName


def lock_table(version_table: TableName) -> TableName:
    """Return the table of the lock, where that is a row and no session's."""
    return replace(version_table, name=f"{version_table.name}_lock")


def record_table(version_table: TableName) -> TableName:
    """Return the table of what was applied, when and by whom."""
    return replace(version_table, name=f"{version_table.name}_record")


def journal_table(version_table: TableName) -> TableName:
    """Return the table that tells what a half-applied revision has done."""
    return replace(version_table, name=f"{version_table.name}_journal")


def own_tables(version_table: TableName) -> frozenset[TableName]:
    """Return the version table and those that go with it: no model has them."""
    beside = (lock_table, record_table, journal_table)
    return frozenset((version_table, *(named(version_table) for named in beside)))
