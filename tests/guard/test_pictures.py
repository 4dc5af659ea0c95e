"""The pictures of docs/ show what is shown; ``make pictures`` remakes them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.guard.browser import Browser
from tests.guard.pictures import make
from tests.guard.pictures import PICTURES


def test_the_pictures_are_those_of_today(chromium: Browser, tmp_path: Path) -> None:
    """Terminals and histories to the letter; pages are there, and used."""
    make(tmp_path, chromium)

    made = {path.name for path in tmp_path.iterdir()}
    assert made == {path.name for path in PICTURES.iterdir()}
    documents = [path.read_text("utf-8") for path in PICTURES.parent.glob("*.md")]
    for name in sorted(made):
        assert any(f"(pictures/{name})" in text for text in documents), name
        if name.endswith(".svg"):
            assert text_of(tmp_path / name) == text_of(PICTURES / name), name


def text_of(path: Path) -> str:
    return re.sub(r"\d+\.\d s", "0.0 s", path.read_text("utf-8"))
