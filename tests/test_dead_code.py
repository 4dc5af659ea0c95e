"""Code that nothing uses is found: by its name, in the package and nowhere else.

What users and other programs call is used from outside; it is listed, with the place
that offers it.
"""

from __future__ import annotations

from pathlib import Path

from vulture.core import Vulture

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "flask_migrations_ext"

# Their names are offered to scripts, to env.py, to apps and to other programs.
OFFERED = ("op.py", "batch.py", "context.py", "signals.py", "testing", "alembic_compat")

USED_ELSEWHERE = {
    "__doc__": "by Click",
    "__signature__": "by inspect",
    "optionxform": "by configparser",
    "Recorder": "by callers who want operations as values, and the tests",
    "detail": "of SQLAlchemy's errors, which ours are as well",
    "hide_parameters": "of SQLAlchemy's errors, which ours are as well",
    "ismulti": "of SQLAlchemy's errors, which ours are as well",
    "atexit": "by Python, of a module that is loaded",
    "inherit_cache": "by SQLAlchemy",
    "cache_ok": "by SQLAlchemy",
    "get_col_spec": "by SQLAlchemy",
    "get_multi_check_constraints": "by SQLAlchemy's Inspector",
    "get_multi_table_comment": "by SQLAlchemy's Inspector",
    "get_multi_table_options": "by SQLAlchemy's Inspector",
    "format_commands": "by Click",
    "param": "of a method that Click calls",
    "_compile": "by SQLAlchemy",
    "MariaDBComparison": "by the dotted name that its dialect has",
    "SQLiteComparison": "by the dotted name that its dialect has",
    "SECTIONS": "by the test that compares them with the document",
    "merge_points": "by the tests that compare graphs with Alembic's",
    # Fields that are read by the names of their settings.
    "mssql_batch_separator": "by its name",
    "oracle_batch_separator": "by its name",
}


def unused_in(*paths: Path) -> dict[str, str]:
    """Return what is defined and never mentioned: by name, where it stands."""
    found = Vulture()
    found.scavenge([str(path) for path in paths])
    return {
        str(item.name): f"{item.filename}:{item.first_lineno}"
        for item in found.get_unused_code(min_confidence=60)
    }


def verbs() -> set[str]:
    """Return the names by which dialects are asked: those of the operations."""
    return {
        line.split('"')[1]
        for path in (PACKAGE / "operations").glob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if line.strip().startswith("verb = ") or line.strip().startswith("verb: ")
        if '"' in line
    }


def test_nothing_is_there_that_nothing_uses() -> None:
    offered = tuple(str(PACKAGE / each) for each in OFFERED)
    dead = {
        name: place
        for name, place in unused_in(PACKAGE).items()
        if not place.startswith(offered)
        and name not in USED_ELSEWHERE
        and name not in verbs()
    }

    assert dead == {}


def test_what_is_listed_as_used_elsewhere_is_needed() -> None:
    assert set(USED_ELSEWHERE) <= set(unused_in(PACKAGE))


def test_a_function_that_nothing_calls_is_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def used(): ...\ndef dead(): ...\nused()\n")

    assert list(unused_in(path)) == ["dead"]
