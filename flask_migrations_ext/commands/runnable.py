"""From the steps of a plan to calls of what their scripts define, checked beforehand.

A script that cannot run is found before the first one has changed anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..databases import session_of_app
from ..environment import Configured
from ..errors import UnusableScript
from ..execution.current import LoadingExecutor
from ..execution.current import running
from ..execution.database import JoinedSession
from ..execution.executor import Executor
from ..execution.steps.runnable import RunnableStep
from ..revisions.plan import Direction
from ..revisions.plan import Plan
from ..revisions.plan import Step
from ..scripts.loader import load_script


def runnable(
    plan: Plan, configured: Configured, executor: Executor
) -> list[RunnableStep]:
    """Return the steps of a plan, their scripts loaded, for a database.

    :param executor: what scripts meet that ask for their database at their top.
    :raises UnusableScript: if a function is missing, or cannot be called.
    """
    keeps_savepoints = configured.dialect.transactional_ddl
    session = JoinedSession(
        configured.connection, session_of_app(), savepoints=keeps_savepoints
    )
    with running(LoadingExecutor(executor)):
        return [_runnable_step(step, configured, session) for step in plan.steps]


def _runnable_step(
    step: Step, configured: Configured, session: JoinedSession
) -> RunnableStep:
    script = load_script(step.revision)
    for name in _names_for_functions(configured):
        script.pass_over(name)
    # The function is looked up now: a file without one is found before the run.
    function = getattr(script, step.direction.value)
    parameter = _check_parameters(function, step, configured)

    def run() -> None:
        with session.joined():
            _call(function, parameter, configured)

    return RunnableStep(
        id=step.revision.id,
        verb=step.direction.value,
        title=_title(step),
        database=configured.title,
        path=step.revision.path,
        before=step.before,
        heads=step.heads,
        run=run,
        parents=step.revision.parents,
    )


def _names_for_functions(configured: Configured) -> tuple[str, ...]:
    """Return what ``upgrade_<name>`` has for a name, in scripts that have such."""
    named = configured.name
    keys = configured.bind_keys if named is None else (named,)
    return tuple(key or "" for key in keys)


def _title(step: Step) -> str:
    revision = step.revision
    lower = ", ".join(revision.parents) or "<base>"
    ends = (lower, revision.id)
    if step.direction is Direction.DOWNGRADE:
        ends = (revision.id, lower)

    message = f", {revision.message}" if revision.message else ""
    return f"{ends[0]} -> {ends[1]}{message}"


def _call(
    function: Callable[..., object], parameter: str | None, configured: Configured
) -> None:
    if parameter is None:
        # Such a script speaks of the app's one database, or is told which it is.
        if configured.is_main or configured.name is not None:
            function(**configured.arguments)
        return

    for bind_key in configured.bind_keys:
        # As a name, the default database has an empty one.
        is_name = parameter == configured.settings.name_argument
        named = bind_key or "" if is_name else bind_key
        function(named, **configured.arguments)


def _check_parameters(
    function: Callable[..., object], step: Step, configured: Configured
) -> str | None:
    """Return the name of the parameter that is for the bind key, if there is one.

    :raises UnusableScript: if the function cannot be called.
    """
    arguments = configured.arguments
    signature = inspect.signature(function)
    parameter = _bind_parameter(signature, arguments)
    key = () if parameter is None else ("bind_key",)
    if not (key or configured.has_main or _does_nothing(function)):
        raise UnusableScript(
            step.revision.path,
            f"its {step.direction.value}() does not say which database it is about, and"
            " the app has no default one: let it take bind_key, and ask"
            " 'if bind_key == …'",
        )

    try:
        signature.bind(*key, **arguments)
    except TypeError as error:
        passed = ", ".join(["a bind key, if it takes one", *map(repr, arguments)])
        raise UnusableScript(
            step.revision.path,
            f"its {step.direction.value}() cannot be called: {error};"
            f" it is given {passed}",
        ) from error

    return parameter


def _does_nothing(function: Callable[..., object]) -> bool:
    # Who refers to nothing can change nothing: 'pass', or a docstring.
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and not code.co_names and not code.co_freevars


def _bind_parameter(
    signature: inspect.Signature, arguments: dict[str, Any]
) -> str | None:
    for parameter in signature.parameters.values():
        by_position = parameter.kind in (
            parameter.POSITIONAL_ONLY,
            parameter.POSITIONAL_OR_KEYWORD,
        )
        if by_position and parameter.name not in arguments:
            return parameter.name

    return None
