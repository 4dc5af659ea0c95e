"""What a database looks like at one moment, and how two moments differ, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

import sqlalchemy as sa

from ..autogenerate.compare.schema import comparison
from ..autogenerate.describe import describe
from ..autogenerate.filters import LEFTOVER_PREFIX
from ..autogenerate.filters import schemas_to_read
from ..autogenerate.options import CompareOptions
from ..config import Settings
from ..dialects.comparison import ComparisonRules
from ..dialects.registry import rules_for
from ..schema.model import Schema
from ..schema.model import TableName
from ..schema.own_tables import own_tables


@dataclass(frozen=True)
class Snapshot:
    """The tables of a database, but for the version table, and what else has a name.

    :param others: by what they are, the names of views, sequences and enum types.
    """

    schema: Schema
    engine: sa.Engine = field(compare=False, repr=False)
    settings: Settings = field(compare=False, repr=False)
    others: tuple[tuple[str, str], ...] = ()

    def differences(self, wanted: Snapshot) -> tuple[str, ...]:
        """Return what would make this like another one, a line for each."""
        options = CompareOptions(version_table=_version_table(self.settings))
        with self.engine.connect() as connection:
            rules = rules_for(connection.dialect, connection)
            found = self._described(wanted, rules, options)
            # What a database says of itself twice differs from itself already.
            known = Counter(wanted._described(wanted, rules, options))
        ours, theirs = set(self.others), set(wanted.others)
        return (
            *(Counter(found) - known).elements(),
            *(f"{kind} '{name}' is too much" for kind, name in sorted(ours - theirs)),
            *(f"{kind} '{name}' is missing" for kind, name in sorted(theirs - ours)),
        )

    @property
    def rules(self) -> ComparisonRules:
        """The rules by which definitions are the same, as far as no database tells."""
        return rules_for(self.engine.dialect)

    def _described(
        self, wanted: Snapshot, rules: ComparisonRules, options: CompareOptions
    ) -> list[str]:
        found = comparison(self.schema, wanted.schema, rules, options=options)
        return [*map(describe, found.operations), *found.notes]


def snapshot_of(connection: sa.Connection, settings: Settings) -> Snapshot:
    """Return what a database looks like now."""
    rules = rules_for(connection.dialect, connection)
    inspector = sa.inspect(connection)
    schemas = schemas_to_read(
        inspector,
        Schema(),
        rules,
        include_schemas=settings.include_schemas,
        include_name=settings.include_name,
    )
    read = rules.read_database(connection, schemas, settings.include_name)
    own = own_tables(_version_table(settings))
    tables = (
        table
        for table in read.tables
        if table.name not in own and not table.name.name.startswith(LEFTOVER_PREFIX)
    )

    return Snapshot(
        Schema.of(tables), connection.engine, settings, tuple(_others(inspector))
    )


def _version_table(settings: Settings) -> TableName:
    return TableName(settings.version_table, settings.version_table_schema)


def _others(inspector: sa.Inspector) -> list[tuple[str, str]]:
    found = [("view", name) for name in inspector.get_view_names()]
    if inspector.dialect.supports_sequences:
        found += [("sequence", name) for name in inspector.get_sequence_names()]
    # Only an inspector of a database that has such types can be asked for them.
    enums: list[Mapping[str, str]] = getattr(inspector, "get_enums", list)()
    found += [("enum type", each["name"]) for each in enums]

    return sorted(found)
