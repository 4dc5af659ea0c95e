"""The order of the constraints that a script writes into ``create_table``."""

from __future__ import annotations

import sqlalchemy as sa

from flask_migrations_ext.schema.from_sqlalchemy import read_table
from flask_migrations_ext.schema.model import ForeignKey

KEYS = (("tap", "bar"), ("keg", "cellar"), ("ale", "brewery"))


def test_constraints_without_a_name_stay_in_the_order_they_were_written_in() -> None:
    table = sa.Table(
        "pour",
        sa.MetaData(),
        *(sa.Column(name, sa.Integer) for name, _ in KEYS),
        sa.UniqueConstraint("tap"),
        *(sa.ForeignKeyConstraint([name], [f"{to}.id"]) for name, to in KEYS),
        sa.UniqueConstraint("ale"),
    )

    written = read_table(table, as_written=True).constraints

    keys = [each for each in written if isinstance(each, ForeignKey)]
    assert [each.referent.name for each in keys] == ["bar", "cellar", "brewery"]
    assert [getattr(each, "columns", ()) for each in written] == [
        ("tap",),
        ("keg",),
        ("ale",),
        ("tap",),
        ("ale",),
    ]
