"""Whether somebody means it: what may lose data of a protected database."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ...environment import Configured
from ...errors import Protected
from ...revisions.plan import Direction
from ...revisions.plan import Plan


@dataclass(frozen=True)
class Danger:
    """What somebody has to mean.

    :param name: the name of the database, to be typed.
    :param losses: what cannot be had back, a line for each.
    """

    name: str
    url: str
    losses: tuple[str, ...]


OnDanger = Callable[[Danger], str | None]


@dataclass(frozen=True)
class Consent:
    """Who may say that it is meant.

    :param names: the names of the databases that were said beforehand.
    :param ask: returns the name that is typed.
    """

    names: Sequence[str] = ()
    ask: OnDanger | None = None

    def check(self, configured: Configured, losses: Sequence[str]) -> None:
        """Refuse to lose anything that nobody means to lose.

        :raises Protected: if neither says the name of the database.
        """
        name = name_of(configured)
        if not losses or name in self.names:
            return

        danger = Danger(name, configured.url, tuple(losses))
        if self.ask is None or self.ask(danger) != name:
            raise Protected(configured.url, name, losses)

    def check_plan(self, configured: Configured, plan: Plan) -> None:
        """Refuse to run what undoes or destroys something, unless it is meant.

        :raises Protected: if it is not.
        """
        if plan.steps and plan.steps[0].direction is Direction.DOWNGRADE:
            losses = [
                f"downgrade of '{step.revision.id}', {step.revision.message}"
                for step in plan.steps
            ]
        else:
            # Only a protected database is asked, and needs what tells.
            from .losses import losses_of_plan

            losses = losses_of_plan(plan, configured)
        self.check(configured, losses)


def name_of(configured: Configured) -> str:
    """Return the name of a database: of a file, its own without the folders."""
    connection = configured.connection
    assert connection is not None
    url = connection.engine.url
    return PurePath(url.database or "").name or url.host or url.get_backend_name()
