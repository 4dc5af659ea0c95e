"""Law 9: every operation can be said, written and called, and is in a case."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

from flask_migrations_ext import op
from flask_migrations_ext import operations
from flask_migrations_ext.autogenerate.describe import describe
from flask_migrations_ext.autogenerate.render.script import render
from flask_migrations_ext.batch import BatchOperations
from flask_migrations_ext.dialects.registry import dialect_for
from flask_migrations_ext.operations.base import Operation
from flask_migrations_ext.operations.tables import AlterTable

from .cases import CASES
from .runs import SA_DIALECTS
from .test_rebuild import each_of

FUNCTIONS = {
    "add_column": ["add_column"],
    "add_constraint": [
        "create_primary_key",
        "create_unique_constraint",
        "create_foreign_key",
        "create_check_constraint",
        "create_exclude_constraint",
    ],
    "alter_column": ["alter_column"],
    "alter_table": ["batch_alter_table"],
    "comment_table": ["create_table_comment", "drop_table_comment"],
    "create_enum": ["create_enum"],
    "create_index": ["create_index"],
    "create_sequence": ["create_sequence"],
    "create_table": ["create_table"],
    "drop_column": ["drop_column"],
    "drop_constraint": ["drop_constraint"],
    "drop_enum": ["drop_enum"],
    "drop_index": ["drop_index"],
    "drop_sequence": ["drop_sequence"],
    "drop_table": ["drop_table"],
    "execute_sql": ["execute"],
    "insert_rows": ["bulk_insert"],
    "rename_table": ["rename_table"],
}
"""The functions of ``op`` that make an operation of each verb."""

AROUND = {
    "f",
    "get_bind",
    "get_context",
    "inline_literal",
    "invoke",
    "raw_type",
    "run_async",
    "text",
}
"""Functions of ``op`` that change nothing by themselves."""


def all_operations() -> dict[str, type[Operation]]:
    """Return the class of each verb."""
    found: dict[str, type[Operation]] = {}
    for module in iter_modules(operations.__path__):
        loaded = import_module(f"{operations.__name__}.{module.name}")
        for kind in vars(loaded).values():
            if inspect.isclass(kind) and issubclass(kind, Operation):
                if kind is not Operation:
                    found[kind.verb] = kind

    return found


VERBS = all_operations()


def done_in_cases() -> Iterator[Operation]:
    for case in CASES.values():
        yield from case.operations()
        yield from each_of(case.operations())


@pytest.mark.parametrize("name", SA_DIALECTS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_database_has_a_way_to_say_a_verb(verb: str, name: str) -> None:
    assert callable(getattr(dialect_for(SA_DIALECTS[name]), verb, None))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_can_be_rendered(verb: str) -> None:
    operation = next(each for each in done_in_cases() if each.verb == verb)

    text = render([operation]).text

    assert any(f"{name}(" in text for name in FUNCTIONS[verb])


def test_every_operation_can_be_described() -> None:
    for operation in done_in_cases():
        assert describe(operation)


def test_every_verb_has_functions_and_every_function_a_verb() -> None:
    assert FUNCTIONS.keys() == VERBS.keys()

    named = {name for names in FUNCTIONS.values() for name in names}
    public = {
        name
        for name, function in inspect.getmembers(op, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == op.__name__
    }

    assert public == named | AROUND


def test_a_batch_block_has_all_functions_for_one_table() -> None:
    methods = {
        name
        for name, _ in inspect.getmembers(BatchOperations, inspect.isfunction)
        if not name.startswith("_")
    }
    # A table is made, renamed and dropped as a whole, and rows and types are others'.
    elsewhere = {
        "batch_alter_table",
        "bulk_insert",
        "create_enum",
        "create_sequence",
        "create_table",
        "drop_enum",
        "drop_sequence",
        "drop_table",
        "rename_table",
    }
    named = {name for names in FUNCTIONS.values() for name in names}

    assert methods >= named - elsewhere


def test_every_verb_is_in_a_case() -> None:
    assert {type(each) for each in done_in_cases()} == set(VERBS.values())


def test_every_verb_is_in_a_batch_block_of_a_case() -> None:
    """All of those that alter one table."""
    inside = {
        inner.verb
        for operation in done_in_cases()
        if isinstance(operation, AlterTable)
        for inner in operation.operations
    }

    assert inside == {
        "add_column",
        "add_constraint",
        "alter_column",
        "comment_table",
        "create_index",
        "drop_column",
        "drop_constraint",
        "drop_index",
    }
