"""What ``flask run`` says of migrations: one line, once the app is there.

In a thread, as the server is not to wait for it; what cannot be found out is not said.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..commands.state import current
from ..commands.writing import check
from ..errors import DifferencesFound
from ..wording import counted

_PAUSE = 0.05
_PATIENCE = 60.0
"""For how many seconds an app may go on being made."""


def give_notice(
    app: Any, is_made: Callable[[], bool], say: Callable[[str], None]
) -> None:
    """Say what an app lacks, as soon as it is made.

    :param is_made: whether all of it is there, its models too.
    :param say: is called with the line, if there is one.
    """
    threading.Thread(
        target=_say,
        args=(app, is_made, say),
        name="flask-migrations-ext notice",
        daemon=True,
    ).start()


def _say(app: Any, is_made: Callable[[], bool], say: Callable[[str], None]) -> None:
    until = time.monotonic() + _PATIENCE
    while not is_made():
        if time.monotonic() > until:
            return
        time.sleep(_PAUSE)

    with suppress(Exception), app.app_context():
        line = notice_of()
        if line is not None:
            say(f" * {line}")


def notice_of() -> str | None:
    """Return what the active app lacks, in one line; None if it lacks nothing."""
    states = current()
    pending = sum(each.pending or 0 for each in states)
    if pending:
        target = " heads" if any(len(each.heads) > 1 for each in states) else ""
        is_pending = "is" if pending == 1 else "are"
        return (
            f"{counted(pending, 'revision')} {is_pending} pending;"
            f" run 'flask db upgrade{target}'."
        )

    try:
        check()
    except DifferencesFound as error:
        number = len(error.differences) + len(error.by_hand)
        return (
            f"The models have changed, and no revision says so"
            f" ({counted(number, 'difference')}); run 'flask db migrate'."
        )
    return None
