"""What ``server_default`` says in ``alter_column``: a default, or a generated column.

One argument stands for three attributes of a column, of which it has one at most: a
default, an identity, an expression that it is computed by.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

import sqlalchemy as sa

from ..schema.from_sqlalchemy import read_column
from ..schema.model import Computed
from ..schema.model import Identity
from ..schema.model import KEPT
from ..schema.model import Kept
from ..schema.model import ServerDefault


class _Attribute(NamedTuple):
    attribute: str
    value: ServerDefault | Identity | Computed | None | Kept


def change(given: Any, existing: Any) -> dict[str, Any]:
    """Return what becomes of the attributes; False means that nothing is said.

    :param existing: what is known of the column from before, in the same words.
    """
    said, was = _attribute_of(given), _attribute_of(existing)
    if said.value is KEPT:
        return {}

    if said.value is None:
        return {was.attribute: None}

    becomes: dict[str, Any] = {said.attribute: said.value}
    if isinstance(was.value, (ServerDefault, Identity, Computed)):
        # Of two kinds, one takes the place of the other.
        becomes.setdefault(was.attribute, None)

    return becomes


def known(given: Any, existing: Any) -> dict[str, Any]:
    """Return what is known of the attributes from before."""
    said, was = _attribute_of(given), _attribute_of(existing)
    if was.value is KEPT:
        return {}

    generates = isinstance(said.value, (ServerDefault, Identity, Computed))
    if was.value is None:
        return {said.attribute if generates else was.attribute: None}

    facts: dict[str, Any] = {was.attribute: was.value}
    if generates:
        # It had the one, and so not the other.
        facts.setdefault(said.attribute, None)

    return facts


def _attribute_of(given: Any) -> _Attribute:
    if given is False:
        return _Attribute("default", KEPT)

    if given is None:
        return _Attribute("default", None)

    if type(given) is sa.FetchedValue:
        # The database has something, and nobody says what.
        return _Attribute("default", KEPT)

    # ``True`` is not a default that SQLAlchemy takes, and some scripts say it.
    given = sa.true() if given is True else given
    attached = [given] if isinstance(given, sa.schema.SchemaItem) else []
    column = read_column(
        sa.Column(
            "c",
            sa.types.NULLTYPE,
            *attached,
            server_default=None if attached else given,
        )
    )
    if column.identity is not None:
        return _Attribute("identity", column.identity)

    if column.computed is not None:
        return _Attribute("computed", column.computed)

    return _Attribute("default", column.default)
