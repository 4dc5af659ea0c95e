"""Pieces of code run with Alembic, and with this package under Alembic's names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.alembic_compat.two_tools import BLOCK

_RUN = """\
import json
import re
import sys
import traceback
import warnings

warnings.simplefilter("ignore")
if {ours}:
    import flask_migrations_ext.alembic_compat
    flask_migrations_ext.alembic_compat.install()

import sqlalchemy as sa

{before}

def told(value):
    if isinstance(value, dict):
        return {{str(key): told(each) for key, each in sorted(value.items(), key=str)}}
    if isinstance(value, (list, tuple)):
        return [told(each) for each in value]
    if type(value).__module__.startswith(("alembic", "flask_migrations_ext")):
        return type(value).__name__
    text = value if isinstance(value, str) else repr(value)
    return re.sub(r"0x[0-9a-f]+", "0x", text)

said = {{}}
for name, code in json.load(sys.stdin).items():
    scope = dict(globals())
    try:
        exec(code, scope)
        said[name] = told(scope["result"])
    except Exception as error:
        said[name] = f"{{type(error).__name__}}"
        if not isinstance(error, (ValueError, NotImplementedError)):
            said[name] = traceback.format_exc()
print(json.dumps(said))
"""


def results(
    folder: Path, before: str, pieces: Mapping[str, str], *, ours: bool
) -> dict[str, object]:
    """Return what each piece of code leaves in ``result``, as plain values."""
    blocked = folder / "blocked"
    blocked.mkdir(exist_ok=True)
    (blocked / "sitecustomize.py").write_text(BLOCK)
    ran = subprocess.run(
        [sys.executable, "-c", _RUN.format(ours=ours, before=before)],
        input=json.dumps(dict(pieces)),
        env={**os.environ, "PYTHONPATH": str(blocked) if ours else ""},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, object] = json.loads(ran.stdout.splitlines()[-1])
    return found
