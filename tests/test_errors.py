"""Errors: their messages, their data, and what survives a pickle."""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path
from typing import Any

import pytest

from flask_migrations_ext import errors
from flask_migrations_ext.errors.base import declared
from flask_migrations_ext.errors.base import MigrationError

MESSAGES: list[tuple[MigrationError, str]] = [
    (
        errors.Undecided(["  what?\n    --rename a=b  so"]),
        "1 question to answer before this can be written; nothing was written. Add"
        " one of the options of each, or run it at a terminal:\n"
        "  what?\n    --rename a=b  so",
    ),
    (
        errors.CannotAmend("a", "it merges branches"),
        "revision 'a' cannot be amended: it merges branches; write another one,"
        " without --amend",
    ),
    (
        errors.UnusableAnswer("--rename a", "it is OLD=NEW"),
        "--rename a: it is OLD=NEW; nothing was written",
    ),
    (
        errors.NoScratchDatabase("postgresql://h/d", "permission denied"),
        "cannot make a scratch database beside postgresql://h/d: permission denied;"
        " the user needs the right to create databases there",
    ),
    (
        errors.CannotRedirect("sqlite:///shop.db"),
        "the engine for sqlite:///shop.db makes its connections by itself, so that"
        " tests would change that database; nothing was changed. Let it have the URL,"
        " in place of creator=…",
    ),
    (
        errors.NotScratch("sqlite:///shop.db"),
        "env.py migrates sqlite:///shop.db, which is no scratch database of the tests;"
        " nothing was changed. Let it take its engine from the app",
    ),
    (
        errors.CannotReplay("b2", Path("b2.py"), "no such table: old"),
        "the history cannot be replayed from nothing: revision 'b2' (b2.py) fails on a"
        " scratch database: no such table: old\n  No database of yours was touched."
        " What it needs, such as rows or a table that was made elsewhere, an earlier"
        " revision has to make",
    ),
    (
        errors.NoRevisionMatches("sqlite:///a.db", "b2", ["drop table x"]),
        "no revision has the tables of the database sqlite:///a.db; the nearest is"
        " revision 'b2'. To be like it:\n  drop table x\n  nothing was changed. Do that"
        " by hand, then 'flask db stamp --purge b2'",
    ),
    (
        errors.NoRevisionMatches("sqlite:///a.db", None, ["drop table x"]),
        "no revision has the tables of the database sqlite:///a.db; the nearest is"
        " an empty database. To be like it:\n  drop table x\n  nothing was changed. Do"
        " that by hand, then 'flask db stamp --purge base'",
    ),
    (
        errors.CannotRebase("b2", "it has a name"),
        "cannot rebase 'b2': it has a name; nothing was changed",
    ),
    (
        errors.CannotRebase(None, "there is one head"),
        "cannot rebase anything: there is one head; nothing was changed",
    ),
    (
        errors.HeadFileDiffers(Path("HEAD"), [], ["a"]),
        "HEAD says that the history ends at base, and it ends at 'a'; after a merge of"
        " branches, put one behind the other with 'flask db rebase', which writes the"
        " file, or write the ids into it",
    ),
    (
        errors.RevisionNotFound("a"),
        "no revision or branch 'a'; 'flask db history' lists what there is",
    ),
    (
        errors.RevisionNotFound("a", "b"),
        "no revision 'a', needed by 'b'; is its file missing? Restore it"
        " from version control, or correct down_revision or depends_on of 'b'",
    ),
    (
        errors.RevisionNotFound("a", None, ("x", "y")),
        "no revision or branch 'a'; did you mean 'x' or 'y'?",
    ),
    (
        errors.AmbiguousRevision("a", ["a1", "a2"]),
        "'a' is short for more than one revision: 'a1' and 'a2'; give more of the id",
    ),
    (
        errors.AmbiguousRevision("a", ["a1", "a2", "a3", "a4", "a5"]),
        "'a' is short for more than one revision: 'a1', 'a2' and 'a3' and 2"
        " more; give more of the id",
    ),
    (
        errors.DuplicateRevision("a"),
        "revision 'a' exists twice; give one of them another id, or delete the copy",
    ),
    (
        errors.DuplicateRevision("a", [Path("x")]),
        "revision 'a' exists already: in 'x'; choose another id",
    ),
    (
        errors.DuplicateRevision("a", [Path("x"), None]),
        "revision 'a' exists twice: in 'x'; give one of them another id, or"
        " delete the copy",
    ),
    (
        errors.DuplicateRevision("a", [Path("x"), Path("y")]),
        "revision 'a' exists twice: in 'x' and 'y'; give one of them another"
        " id, or delete the copy",
    ),
    (
        errors.DuplicateRevision("a", [None]),
        "revision 'a' exists already; choose another id",
    ),
    (
        errors.DuplicateLabel("l", ["a", "b"]),
        "branch label 'l' is claimed by revisions 'a' and 'b'; a label"
        " belongs to one branch",
    ),
    (
        errors.CyclicRevisions(["a", "b"]),
        "revisions form a circle: a -> b -> a; correct down_revision or"
        " depends_on in one of their files",
    ),
    (
        errors.IllegalRevisionId("a", "why"),
        "'a' cannot name a revision: why",
    ),
    (
        errors.InvalidTarget("a", "why"),
        "cannot follow 'a': why",
    ),
    (
        errors.MultipleHeads(["a", "b"]),
        "'head' is not one revision: there are 2 heads, 'a' and 'b'; join"
        " them with 'flask db merge heads', go to all of them with 'heads',"
        " or name one",
    ),
    (
        errors.MultipleHeads(["a", "b", "c"], "current"),
        "'current' is not one revision: there are 3 heads, 'a', 'b' and 'c';"
        " join them with 'flask db merge heads', go to all of them with"
        " 'heads', or name one",
    ),
    (
        errors.NotAnAncestor("a", "b"),
        "revision 'a' is not an ancestor of 'b'; 'flask db history' shows"
        " how they descend",
    ),
    (
        errors.FolderMissing(Path("d")),
        "no migrations folder at d; create it with 'flask db init'",
    ),
    (
        errors.FolderMissing(Path("d"), [Path("e"), Path("f")]),
        "no migrations folder at d, and none at 'e' and 'f'; if there is one, name it"
        " with --directory, else create it with 'flask db init'",
    ),
    (
        errors.NotAMigrationsFolder(Path("d"), "env.py"),
        "d is not a migrations folder: it has no env.py; name the right one"
        " with --directory, or create one in an empty place with 'flask db"
        " init'",
    ),
    (
        errors.FileExists(Path("d")),
        "d already exists; nothing was written",
    ),
    (
        errors.FileExists(Path("d"), "is a file"),
        "d is a file; nothing was written",
    ),
    (
        errors.CannotWrite(Path("d"), "why"),
        "cannot write d: why; nothing was written",
    ),
    (
        errors.UnreadableScript(Path("d"), None, "why"),
        "cannot read d: why",
    ),
    (
        errors.UnreadableScript(Path("d"), 3, "why"),
        "cannot read d, line 3: why",
    ),
    (
        errors.ComputedHeader(Path("d"), 3, "revision"),
        "cannot read d, line 3: revision must be written out, as None, text"
        " in quotes or a tuple of such texts: the header is read without"
        " running the file",
    ),
    (
        errors.UnusableScript(Path("d"), "why"),
        "cannot run d: why",
    ),
    (
        errors.UnusableScript(None, "why"),
        "cannot run None: why",
    ),
    (
        errors.TemplateFailed(Path("d"), "why"),
        "the template d cannot be used: why",
    ),
    (
        errors.HookFailed("n", Path("d"), "why"),
        "the hook 'n' failed on d, which was written: why",
    ),
    (
        errors.CannotAdopt(Path("d"), ["a", "b"]),
        "d cannot be replaced without losing something:\n"
        "  a\n"
        "  b\n"
        "nothing was written. It runs as it is, so that it can stay; to"
        " replace it all the same, say 'flask db adopt --write --replace-env'",
    ),
    (
        errors.ChangedSince(Path("d"), [Path("a"), Path("b")]),
        "changed since 'flask db adopt' replaced files in d: a, b; nothing"
        " was written. The originals are in its folder 'before_adopt':"
        " compare, and put back by hand what you want",
    ),
    (
        errors.NothingToUndo(Path("d")),
        "'flask db adopt' has replaced nothing in d: it has no folder"
        " 'before_adopt' with the originals",
    ),
    (
        errors.NoSQLAlchemy("a"),
        "the app 'a' has no SQLAlchemy extension; call db.init_app(app)"
        " where the app is made, with the SQLAlchemy() that your models"
        " derive from; or, without an extension, say Migrate(app, engines=…,"
        " metadatas=…)",
    ),
    (
        errors.NoMetadata("a"),
        "the SQLAlchemy extension of the app 'a' has no metadata of its own;"
        " say where the models are: Migrate(app, db, metadatas=Base.metadata)",
    ),
    (
        errors.UnknownBind("a", []),
        "the app has no database 'a' to choose; there is none",
    ),
    (
        errors.UnknownBind("a", ["b", "c"]),
        "the app has no database 'a' to choose; there is 'b' and 'c'",
    ),
    (
        errors.NoModels("u", 1),
        "the app's metadata holds no table, while the database u has 1"
        " table; are the models imported? Import them where the app is made,"
        " or name their modules: Migrate(app, db, models=['myapp.models'])",
    ),
    (
        errors.NoModels("u", 2),
        "the app's metadata holds no table, while the database u has 2"
        " tables; are the models imported? Import them where the app is"
        " made, or name their modules: Migrate(app, db,"
        " models=['myapp.models'])",
    ),
    (
        errors.UnknownOption("a", "w"),
        "setting 'a': w",
    ),
    (
        errors.ModelsLeftOut(["x", "y"]),
        "models that belong to no database would be left out:\n  x\n  y\ncorrect them"
        " or SQLALCHEMY_BINDS, or say with the setting 'metadatas' which models count:"
        " Migrate(app, db, metadatas=[db.metadata, Base.metadata])",
    ),
    (
        errors.UnsupportedDatabase("a", ["b", "c"]),
        "no migrations for databases of the kind 'a'; known are 'b' and 'c'",
    ),
    (
        errors.CannotConnect("u", "r", "a"),
        "cannot connect to u: r; a",
    ),
    (
        errors.DatabaseLocked("r"),
        "r: another process or connection reads or writes it, and did not"
        " finish in time. Let it finish, or stop it, then run the command"
        " again",
    ),
    (
        errors.StatementFailed("u", "r"),
        "the database u refused: r\n"
        "  no revision was running; what was done before stays",
    ),
    (
        errors.StatementFailed("u", "r", "SELECT 1"),
        "the database u refused: r\n"
        "  SQL: SELECT 1\n"
        "  no revision was running; what was done before stays",
    ),
    (
        errors.UnknownDatabaseRevision(["a"], "u", []),
        "the database u is at revision 'a', which no file has (heads here:"
        " none); fetch the missing file from version control, or, if the"
        " schema is known to match a revision, say so with 'flask db stamp"
        " --purge REVISION'",
    ),
    (
        errors.UnknownDatabaseRevision(["a", "b"], "u", ["c"]),
        "the database u is at revision 'a' and 'b', which no file has (heads"
        " here: 'c'); fetch the missing file from version control, or, if"
        " the schema is known to match a revision, say so with 'flask db"
        " stamp --purge REVISION'",
    ),
    (
        errors.UnknownDatabaseRevision(["a"], "u", ["c"], ["a 'x', f"], ["b"]),
        "the database u is at revision 'a', which no file has (heads here: 'c');"
        " fetch the missing file from version control, or, if what it did is undone,"
        " say so with 'flask db stamp --purge b'\n  a 'x', f",
    ),
    (
        errors.BehindHead("u", ["a"]),
        "the database u is behind: it lacks 'a'; run 'flask db upgrade' first",
    ),
    (
        errors.BehindHead("u", ["a", "b", "c", "d", "e", "f", "g", "h"]),
        "the database u is behind: it lacks 'a', 'b', 'c', 'd' and 'e' and 3"
        " more; run 'flask db upgrade' first",
    ),
    (
        errors.Protected("u", "shop", ["a", "b"]),
        "the database u is protected, and nothing was changed; if this is what you"
        " mean, say its name: '--yes-i-mean shop'\n  a\n  b",
    ),
    (
        errors.StillPending("u", ["a", "b"], 60.0),
        "the database u still lacks 'a' and 'b'; gave up after 60 s. Run 'flask db"
        " upgrade' where that is to be done, or see what became of it there",
    ),
    (
        errors.NotAtHead("u", [], ["a"]),
        "the database u is at no revision, not at 'a'; run 'flask db upgrade heads'",
    ),
    (
        errors.NotAtHead("u", ["b"], ["a", "c"]),
        "the database u is at 'b', not at 'a' and 'c'; run 'flask db upgrade heads'",
    ),
    (
        errors.BehindHead("u", ["a"], ["b", "c"]),
        "the database u is behind: it lacks 'a'; run 'flask db upgrade heads' first",
    ),
    (
        errors.DifferencesFound([], ["x"]),
        "the models and the database differ:\n"
        "  x\nwrite what it takes by hand: 'flask db revision'; 'flask db migrate'"
        " writes nothing for it",
    ),
    (
        errors.DifferencesFound(["x"], ["y"], ["a", "b"]),
        "the models and the database differ:\n"
        "  x\n  y\njoin the heads with 'flask db merge', then write a revision with"
        " 'flask db migrate'; what it says nothing of is for you to write",
    ),
    (
        errors.DifferencesFound(["x", "y"]),
        "the models and the database differ:\n"
        "  x\n  y\nwrite a revision with 'flask db migrate'",
    ),
    (
        errors.ConcurrentChange("", []),
        "the version table should hold nothing and holds nothing; another"
        " process migrates this database: let it finish, then run again",
    ),
    (
        errors.ConcurrentChange("a", ["b"]),
        "the version table should hold 'a' and holds 'b'; another process"
        " migrates this database: let it finish, then run again",
    ),
    (
        errors.LockTaken("u", "me", 60.0),
        "the database u is being migrated by me; gave up after 60 s, and changed"
        " nothing. Let it finish, then run the command again, or wait longer with"
        " '--wait'",
    ),
    (
        errors.LockTaken("u", "me", 0.0),
        "the database u is being migrated by me; gave up at once, and changed"
        " nothing. Let it finish, then run the command again, or wait longer with"
        " '--wait'",
    ),
    (
        errors.CannotLock("u", "why"),
        "cannot lock the database u against other migrations: why; nothing was"
        " changed. The lock takes one connection more; where the server has no such"
        " locks, set MIGRATE_LOCK = False, and migrate in one place only",
    ),
    (
        errors.LockLost("u"),
        "the connection that held the lock of the database u was lost, so that another"
        " process may migrate it now; what was done until here stays. Run the command"
        " again to go on",
    ),
    (
        errors.CannotNote("a", "notes", "denied", "CREATE TABLE notes (id INT)"),
        "what revision 'a' does cannot be rolled back if it stops half-way, and the"
        " table notes, which tells how to go on then, cannot be made: denied; nothing"
        " of the revision stayed. Have MIGRATE_DATABASE_URI name one who may make and"
        " drop tables, or have such a one make this one, with the right to read and"
        " write it:\n  CREATE TABLE notes (id INT)",
    ),
    (
        errors.HalfApplied("b", "upgrade", "a"),
        "upgrade of revision 'b' stopped half-way, and a part of it stayed; 'a' is not"
        " the one to run now, and was not touched. Go on with it first: 'flask db"
        " upgrade b'; 'flask db repair' shows what it has done",
    ),
    (
        errors.RevisionEdited("b", "downgrade", 2, "DROP", "says 'CREATE'"),
        "downgrade of revision 'b' stopped half-way, and its script has changed where"
        " it was done already: operation 2 was 'DROP', and now the script says"
        " 'CREATE'. Put it back as it was up to there, and change what follows; 'flask"
        " db repair' shows what is done",
    ),
    (
        errors.UndoneByHand("b", "upgrade", "CREATE TABLE t"),
        "upgrade of revision 'b' stopped half-way after 'CREATE TABLE t', of which"
        " nothing is there any more, so that what follows would be wrong. If all that"
        " the revision did was undone by hand, say 'flask db repair --forget', and run"
        " the command again; else put it back",
    ),
    (
        errors.InDoubt("b", "upgrade", "ALTER", "t", "was", ""),
        "upgrade of revision 'b' was ended in the middle of 'ALTER', and what the"
        " database holds does not tell whether that is done.\n"
        "  The table 't' before it:\n    was\n"
        "  The table 't' now:\n    (not there)\n"
        "  If it is done, say 'flask db repair --done'; if not, 'flask db repair"
        " --undone'. Then run the command again: it goes on from there",
    ),
    (
        errors.NothingInDoubt("forget"),
        "no revision is half applied, so there is nothing to forget",
    ),
    (
        errors.NothingInDoubt("done"),
        "of no statement is it in doubt whether it is done; 'flask db repair' shows"
        " what is",
    ),
    (
        errors.RolledBack(2),
        "the script rolled back 2 statements by itself, so that not all it does is"
        " done; to try something out, use 'with op.get_bind().begin_nested():'",
    ),
    (
        errors.StepFailed("r", "upgrade", None, None, "why", "state"),
        "upgrade of revision 'r' failed: why\n  state",
    ),
    (
        errors.StepFailed("r", "upgrade", Path("p"), None, "why", "state"),
        "upgrade of revision 'r' failed (p): why\n  state",
    ),
    (
        errors.StepFailed(
            "r", "upgrade", Path("p"), 3, "why", "state", "SQL", ["a"], "db"
        ),
        "upgrade of revision 'r' failed in database 'db' (p, line 3): why\n"
        "  SQL: SQL\n  state",
    ),
    (
        errors.NoRunningMigration("n"),
        "'n' works only while a migration runs; run this file with 'flask"
        " db', not by importing it",
    ),
    (
        errors.UnknownFunction("n"),
        "module 'op' has no attribute 'n'",
    ),
    (
        errors.UnknownFunction("n", ["m"]),
        "module 'op' has no attribute 'n'; did you mean 'm'?",
    ),
    (
        errors.InvalidArgument("a", "w", 3),
        "'a' takes w, not 3",
    ),
    (
        errors.Irreversible("op"),
        "cannot reverse op; write downgrade() by hand",
    ),
    (
        errors.UnsupportedOperation("d", "w", "a"),
        "d cannot w; a",
    ),
    (
        errors.TableMissing("d", "w", "a"),
        "d cannot w; a",
    ),
    (
        errors.NameTaken("d", "w", "a"),
        "d cannot w; a",
    ),
    (
        errors.NeedsDatabase("w"),
        "w needs a live database and cannot be written as SQL text; run"
        " without --sql, or leave it out when context.is_offline_mode()",
    ),
    (
        errors.DataAtRisk("w", "a"),
        "w; a",
    ),
    (
        errors.NotInTable("t", "w"),
        "table 't' has no w; it has none",
    ),
    (
        errors.NotInTable("t", "w", ["a", "b"]),
        "table 't' has no w; it has 'a' and 'b'",
    ),
    (
        errors.NotInTable("t", "w", ["a"], 2),
        "table 't' has 2 of w; say which one is meant",
    ),
    (
        errors.UnreadableDefinition("sql\n x", "r"),
        "cannot read 'sql x': r; change it by hand with op.execute()",
    ),
    (
        errors.UnreadableDefinition(
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "r",
        ),
        "cannot read"
        " 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': r;"
        " change it by hand with op.execute()",
    ),
    (
        errors.UnsupportedExpression("x", "sqlite", "no such thing", "table 't'"),
        "the expression 'x' of table 't' cannot be written for a database of the kind"
        " 'sqlite' (no such thing); write it as sqlalchemy.text(…), or leave it out on"
        " this database",
    ),
    (
        errors.CannotRead(Path("d"), "it is a folder"),
        "cannot use d: it is a folder; correct it, or move it away",
    ),
]


@pytest.mark.parametrize(("error", "message"), MESSAGES, ids=lambda each: "")
def test_message(error: MigrationError, message: str) -> None:
    assert str(error) == message
    assert error.args == (message,)


@pytest.mark.parametrize("again", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
@pytest.mark.parametrize("error", [error for error, _ in MESSAGES])
def test_what_it_holds_survives(error: MigrationError, again: Any) -> None:
    error.elsewhere = ("database 'b' stays at 'ab12'",)

    other = again(error)

    assert type(other) is type(error)
    assert str(other) == str(error)
    for name in (*inspect.signature(type(error)).parameters, "elsewhere"):
        assert getattr(other, name) == getattr(error, name)


def test_every_error_has_a_message_here_and_a_place_in_the_tree() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, MigrationError)
    }
    groups = {
        kind
        for kind in kinds
        if not inspect.signature(kind).parameters.keys() - {"message"}
    }

    assert {type(error) for error, _ in MESSAGES} == kinds - groups
    assert _drawn(errors.__doc__ or "") == {
        (kind.__name__, _parent(kind)) for kind in kinds
    }


def _parent(kind: type[MigrationError]) -> str:
    bases = [each for each in kind.__bases__ if issubclass(each, MigrationError)]
    return bases[0].__name__ if bases else ""


def _drawn(document: str) -> set[tuple[str, str]]:
    found = set()
    above: list[str] = []
    for line in document.splitlines():
        name = line.lstrip(" │├└─")
        if name.isidentifier() and line.startswith("    "):
            depth = (len(line) - len(name)) // 4 - 1
            found.add((name, above[depth - 1] if depth else ""))
            above[depth:] = [name]

    return found


def test_lists_become_tuples_and_names_of_fields_are_arguments() -> None:
    error = errors.MultipleHeads(target="current", heads=["a", "b"])

    assert error.heads == ("a", "b")
    assert str(inspect.signature(errors.MultipleHeads)) == (
        "(heads: 'Sequence[str]', target: 'str' = 'head')"
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: errors.MultipleHeads(),  # type: ignore[call-arg] # one is missing
        lambda: errors.MultipleHeads([], "", 3),  # type: ignore[call-arg] # one too many
        lambda: errors.MultipleHeads([], heads=[]),  # type: ignore[misc] # twice
        lambda: errors.MultipleHeads([], goal=""),  # type: ignore[call-arg] # no field
    ],
)
def test_wrong_arguments_are_errors_of_types_and_of_calls(call: Any) -> None:
    with pytest.raises(TypeError):
        call()


def test_a_subclass_has_the_fields_of_its_parent_first() -> None:
    @declared
    class Unreachable(errors.CannotConnect):
        """A host that does not answer."""

        host: str = "localhost"

    error = Unreachable("sqlite://", "no answer", "start it", host="db")

    assert (error.url, error.host) == ("sqlite://", "db")
    assert str(error) == "cannot connect to sqlite://: no answer; start it"
