"""Whether a file is under version control, as far as Git is there to tell."""

from __future__ import annotations

import subprocess
from pathlib import Path


def is_tracked(path: Path) -> bool:
    """Return whether Git knows a file; no, where there is no Git."""
    try:
        ran = subprocess.run(
            ["git", "ls-files", "--error-unmatch", "--", path.name],
            cwd=path.parent,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False

    return ran.returncode == 0
