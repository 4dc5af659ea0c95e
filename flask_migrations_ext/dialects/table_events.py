"""SQLAlchemy's events of tables: who listens to all tables is told of ours, too.

Some extensions make what belongs to a column (an index of places, an audit table) when
they hear of a new table. Types listen to tables as well; they are left out, as what
they would do has been said already.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def tell_listeners(
    event: str, table: sa.Table, connection: sa.Connection | None
) -> None:
    """Call those who listen to an event of every table.

    :param connection: None when SQL text is written; then nobody is told.
    """
    if connection is None:
        return

    of_table: Any = getattr(table.dispatch, event)
    for listener in tuple(of_table.parent_listeners):
        listener(table, connection, checkfirst=False, tables=[table])
