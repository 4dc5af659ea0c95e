"""``Config`` asked the same as Alembic's, about files of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import alembic.config
import pytest

from flask_migrations_ext.alembic_compat.projects.config import Config

INIS = {
    "no file": None,
    "empty": "",
    "another section": "[other]\na = 1\n",
    "commas and colons": "[alembic]\nversion_locations = %(here)s/a, b c,d\n"
    "prepend_sys_path = .,a:b c\n",
    "colon": "[alembic]\npath_separator = :\nversion_locations = a: b:\n"
    "prepend_sys_path = .:a b\n",
    "semicolon": "[alembic]\npath_separator = ;\nversion_locations = a; b\n",
    "space": "[alembic]\npath_separator = space\nversion_locations = a  b\n"
    "prepend_sys_path = . a\n",
    "newline": "[alembic]\npath_separator = newline\nversion_locations =\n  a\n\n  b\n"
    "prepend_sys_path = .\n",
    "older separator": "[alembic]\nversion_path_separator = os\n"
    "version_locations = a:b\nprepend_sys_path = .:b c\n",
    "both separators": "[alembic]\nversion_path_separator = ;\npath_separator = :\n"
    "version_locations = a;b:c\nprepend_sys_path = .:b c\n",
    "wrong separator": "[alembic]\npath_separator = |\nversion_locations = a;b:c\n",
    "yes": "[alembic]\nsourceless = true\nrecursive_version_locations = True\n",
    "no": "[alembic]\nsourceless = false\nrecursive_version_locations = 1\n",
    "names": "[DEFAULT]\nx = %(here)s/q\n[alembic]\nscript_location = %(x)s\n"
    "sqlalchemy.url = pg://u:p%%40@%(host)s/%(x)s\n",
    "unknown name": "[alembic]\nsqlalchemy.url = pg://%(nothing)s\n",
    "percent": "[alembic]\nsqlalchemy.url = pg://a%40\n",
    "hooks": "[post_write_hooks]\nhooks = a b,c, d\na.type = exec\nb.x = 1\nbc.y = 2\n"
    "d.options = -l 79 REVISION_SCRIPT_FILENAME\n",
    "no hooks": "[alembic]\nx = 1\n[post_write_hooks]\n",
    "case": "[alembic]\nFile_Template = x\nSQLALCHEMY.URL = sqlite://\n",
    "values": "[alembic]\ntimezone =\noutput_encoding = latin-1\n"
    "truncate_slug_length = 20\n",
}

TOMLS = {
    "no file": None,
    "not there": "[tool.other]\na = 1\n",
    "everything": '[tool.alembic]\nscript_location = "%(here)s/x"\n'
    'version_locations = ["%(here)s/a", "b"]\nprepend_sys_path = ["."]\n'
    "sourceless = true\nrecursive_version_locations = true\n"
    'timezone = "UTC"\ntruncate_slug_length = 11\nfile_template = "%%(rev)s"\n'
    '[[tool.alembic.post_write_hooks]]\nname = "b"\ntype = "exec"\n'
    'executable = "%(here)s/.venv/bin/ruff"\n',
    "text for a boolean": '[tool.alembic]\nsourceless = "true"\n',
    "percent": '[tool.alembic]\nscript_location = "a%b"\n'
    'version_locations = ["%(none)s"]\n',
    "other kinds": '[tool.alembic]\nthing = {a = "%(here)s"}\nnumber = 3\nreal = 1.5\n',
    "no table": '[tool]\nalembic = "x"\n',
    "broken": "[tool.alembic\n",
}

QUESTIONS: dict[str, Any] = {
    "locations": lambda config: config.get_version_locations_list(),
    "paths": lambda config: config.get_prepend_sys_paths_list(),
    "hooks": lambda config: config.get_hooks_list(),
    "url": lambda config: config.get_main_option("sqlalchemy.url"),
    "folder": lambda config: config.get_alembic_option("script_location"),
    "table": lambda config: config.get_alembic_option("thing"),
    "number": lambda config: config.get_alembic_option("number"),
    "real": lambda config: config.get_alembic_option("real"),
    "text": lambda config: config.get_alembic_option("file_template", "default"),
    "of the ini": lambda config: config.get_main_option("file_template", "default"),
    "zone": lambda config: config.get_alembic_option("timezone"),
    "length": lambda config: config.get_alembic_option("truncate_slug_length"),
    "sourceless": lambda config: config.get_alembic_boolean_option("sourceless"),
    "recursive": lambda config: config.get_alembic_boolean_option(
        "recursive_version_locations"
    ),
    "section": lambda config: config.get_section(config.config_ini_section),
    "no section": lambda config: config.get_section("nope", {"a": "b"}),
    "in no section": lambda config: config.get_section_option("nope", "k"),
    "set": lambda config: (
        config.set_main_option("k", "v%%"),
        config.set_section_option("new", "k", "%(here)s"),
        config.get_main_option("k"),
        config.get_section_option("new", "k"),
    ),
    "set wrongly": lambda config: config.set_main_option("k", "50%"),
    "removed": lambda config: (
        config.remove_main_option("file_template"),
        config.get_main_option("file_template"),
    ),
    "sections": lambda config: {
        name: sorted(config.file_config.options(name))
        for name in config.file_config.sections()
    },
    "quiet": lambda config: dict(config.messaging_opts),
    "names": lambda config: (config.config_file_name, config.toml_file_name),
}

# Alembic's, for a file without path_separator.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.pairs("settings"),
]


@pytest.mark.parametrize("section", ["alembic", "other"])
@pytest.mark.parametrize("toml", TOMLS)
@pytest.mark.parametrize("ini", INIS)
def test_it_answers_or_refuses_as_alembic_does(
    ini: str, toml: str, section: str, tmp_path: Path
) -> None:
    files = (
        _written(tmp_path / "alembic.ini", INIS[ini]),
        _written(tmp_path / "pyproject.toml", TOMLS[toml]),
    )
    for name, ask in QUESTIONS.items():
        theirs = _answer(alembic.config.Config, files, section, ask)
        ours = _answer(Config, files, section, ask)

        assert ours == theirs, name


def _written(path: Path, text: str | None) -> str | None:
    if text is None:
        return None

    path.write_text(text)
    return str(path)


def _answer(
    kind: Any, files: tuple[str | None, str | None], section: str, ask: Any
) -> Any:
    try:
        found = ask(kind(*files, section, config_args={"host": "h"}))
    except Exception:
        return "refused"

    return [part for part in found if part] if isinstance(found, list) else found
