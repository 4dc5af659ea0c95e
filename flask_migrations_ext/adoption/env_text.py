"""The text of an ``env.py`` of ours that does what another one did."""

from __future__ import annotations

from ..scripts.folder import TEMPLATES
from .env_file import EnvFile

_TEMPLATE = TEMPLATES / "flask" / "env.py"

_HEAD = '''\
"""How this app's migrations run.

'flask db adopt' made it from an env.py of another tool. Every 'flask db' command that
needs a database runs this file. The documentation shows what people add here.
"""
'''

_NAMED = """\
    # Scripts with upgrade_<name>() are told the name.
    name = target.bind_keys[0] or "{default}"
"""

_DEFAULT = """\
    # As before: the other databases of the app have no revisions.
    if None not in target.bind_keys:
        continue

"""


def env_text(env: EnvFile) -> bytes:
    """Return an ``env.py`` with the settings that another one had.

    Without any, it is the one that ``init`` writes.
    """
    if not (env.options or env.imports or env.names_engines or env.leaves_binds):
        return _TEMPLATE.read_bytes()

    needed = dict.fromkeys(text for each in env.options for text in each.needs)
    imports = dict.fromkeys(
        [*(text for text in needed if _is_import(text)), *env.imports]
    )
    definitions = [text for text in needed if not _is_import(text)]

    parts = [_HEAD, *(f"{text}\n" for text in imports)]
    if imports:
        parts.insert(1, "\n")
    parts.append("\nfrom flask_migrations_ext import context\n")
    for text in definitions:
        blank = "\n\n" if text.startswith(("def ", "@")) else ""
        parts.append(f"{blank}\n{text}\n")
    if definitions and definitions[-1].startswith(("def ", "@")):
        parts.append("\n")
    parts.append(_loop(env))

    return "".join(parts).encode()


def _is_import(text: str) -> bool:
    return text.startswith(("import ", "from "))


def _loop(env: EnvFile) -> str:
    options = [f"{each.name}={each.text}" for each in env.options]
    if env.names_engines:
        options.append('upgrade_token=f"{name}_upgrades"')
        options.append('downgrade_token=f"{name}_downgrades"')

    lines = [
        "\n# One turn for each database of the app: the default one, then its binds.\n",
        "for target in context.targets():\n",
        _DEFAULT if env.leaves_binds else "",
        _NAMED.format(default=env.default_name) if env.names_engines else "",
        "    with context.configured(\n        target,\n" if options else "",
        *(f"        {option},\n" for option in options),
        "    ):\n" if options else "    with context.configured(target):\n",
        "        context.run_migrations(",
        "engine_name=name" if env.names_engines else "",
        ")\n",
    ]
    return "".join(lines)
