"""Marking databases as ones not to be lost, and taking the mark away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..commands.planning.consent import Consent
from ..commands.planning.consent import name_of
from ..commands.planning.consent import OnDanger
from ..commands.running import run
from ..commands.session import Binds
from ..commands.session import Directory
from ..commands.session import open_project
from ..commands.session import several
from ..commands.session import XArguments
from ..environment import Configured
from ..execution.executor import DatabaseExecutor
from ..record.keeping import made_record_of


@dataclass(frozen=True)
class Protection:
    """Whether a database is protected now.

    :param title: its bind keys; empty for the default database.
    :param name: what has to be said to lose something of it.
    """

    title: str
    url: str
    name: str
    is_protected: bool


def protect(
    directory: Directory = None,
    off: bool = False,
    *,
    x_arg: XArguments = None,
    bind: Binds = None,
    yes_i_mean: str | Sequence[str] | None = None,
    on_danger: OnDanger | None = None,
) -> tuple[Protection, ...]:
    """Mark databases, so that nothing of them is lost unless their name is said.

    The mark is in the database, for whoever migrates it from wherever.

    :param off: take the mark away, which has to be meant as well.
    :param bind: the name of one database, or of several; none: all.
    :param yes_i_mean: the names of those whose mark is taken away.
    :param on_danger: is asked for the name otherwise.
    :raises Protected: if neither says it.
    """
    consent = Consent(several(yes_i_mean), on_danger)
    found: list[Protection] = []

    def work(configured: Configured) -> None:
        connection = configured.connection
        assert connection is not None
        if off:
            consent.check(configured, ["its protection"])
        record = made_record_of(configured)
        with DatabaseExecutor(connection, configured.dialect).transaction():
            record.protect(not off)
        found.append(
            Protection(configured.title, configured.url, name_of(configured), not off)
        )

    run(open_project(directory), work, x_arg=x_arg, bind=bind)

    return tuple(found)
