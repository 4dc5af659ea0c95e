"""Every public name of Alembic is there, or listed in the documents with a reason."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType

import alembic

DOCUMENT = Path(__file__).parents[2] / "docs" / "plugins.md"
_OTHERS = ("testing", "templates", "__main__")

_LOOK = """
import importlib, json, sys
import flask_migrations_ext.alembic_compat
flask_migrations_ext.alembic_compat.install()

missing = []
for module, names in json.load(sys.stdin).items():
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        missing.append(module)
        continue
    for name in names:
        of, place = found, module
        for part in name.split("."):
            place = f"{place}.{part}"
            if not hasattr(of, part):
                missing.append(place)
                break
            of = getattr(of, part)
print(json.dumps(missing))
"""


def _modules() -> list[str]:
    root = Path(str(alembic.__file__)).parent
    paths = (path.relative_to(root).with_suffix("") for path in root.rglob("*.py"))
    names = (
        ".".join(("alembic", *path.parts)).removesuffix(".__init__")
        for path in paths
        if path.parts[0] not in _OTHERS
    )
    return sorted(names)


def _public(module: ModuleType) -> list[str]:
    """Return what a module has of Alembic's and of SQLAlchemy's, and its members."""
    found = []
    for name, value in vars(module).items():
        home = getattr(value, "__module__", None) or "alembic"
        if name.startswith("_") or name == "TYPE_CHECKING" or inspect.ismodule(value):
            continue
        if not home.startswith(("alembic", "sqlalchemy.sql.elements")):
            continue
        found.append(name)
        if inspect.isclass(value) and value.__module__ == module.__name__:
            own = set(dir(value)) - set(dir(object))
            found += [f"{name}.{each}" for each in own if not each.startswith("_")]

    return sorted(found)


def _listed() -> list[str]:
    text = DOCUMENT.read_text("utf-8").partition("## Names that there are not")[2]
    rows = re.findall(r"^\| (`.*?) \|", text.partition("\n## ")[0], re.MULTILINE)
    return [name for row in rows for name in re.findall("`(.*?)`", row)]


def test_every_public_name_is_there_or_has_a_reason() -> None:
    known = {each: _public(importlib.import_module(each)) for each in _modules()}
    ran = subprocess.run(
        [sys.executable, "-c", _LOOK],
        input=json.dumps(known),
        capture_output=True,
        text=True,
        check=True,
    )
    missing = json.loads(ran.stdout)
    listed = _listed()

    # The issue that asked for it names these two.
    assert "conv" in known["alembic.operations.base"]
    assert "EnvironmentContext.configure" in known["alembic.runtime.environment"]
    assert not [
        name for name in missing if not any(fnmatch(name, each) for each in listed)
    ]
    assert not [
        each for each in listed if not any(fnmatch(name, each) for name in missing)
    ]
