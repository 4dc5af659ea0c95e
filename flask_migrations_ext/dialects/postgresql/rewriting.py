"""How PostgreSQL would keep a condition: it is asked to, and all is taken back.

Conditions of many tables are asked in one go. Each is tried in a part of the function
of its own, so that one which fails stops no other, and no lock adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

# Said by EXECUTE: a plan that is kept would know what was made the time before.
_FUNCTION = """
CREATE FUNCTION pg_temp._fme_kept(made text[], made_next text[], questions text[])
RETURNS text[]
LANGUAGE plpgsql AS $fme$
DECLARE
    answers text[] := '{}';
    answer text;
BEGIN
    FOR place IN 1 .. cardinality(made) LOOP
        answer := NULL;
        BEGIN
            EXECUTE made[place];
            EXECUTE made_next[place];
            EXECUTE questions[place] INTO answer;
            RAISE EXCEPTION 'taken back';
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
        answers := array_append(answers, answer);
    END LOOP;
    RETURN answers;
END $fme$
"""


@dataclass(frozen=True)
class Question:
    """What is made, and what is asked of it then."""

    made: str
    made_next: str
    asks: str


def in_index(text: str, table: str) -> Question:
    """Return what asks how an expression is kept in an index of a table."""
    return Question(
        f"CREATE TEMPORARY TABLE _asked (LIKE {table})",
        f"CREATE INDEX _asked_index ON _asked (({text}))",
        "SELECT pg_get_expr(indexprs, indrelid) FROM pg_index"
        " WHERE indexrelid = '_asked_index'::regclass",
    )


def in_check(text: str, table: str) -> Question:
    """Return what asks how a condition is kept that the rows of a table fulfil."""
    return Question(
        f"CREATE TEMPORARY TABLE _asked (LIKE {table})",
        f"ALTER TABLE _asked ADD CONSTRAINT _c CHECK ({text})",
        "SELECT pg_get_expr(conbin, conrelid, true) FROM pg_constraint"
        " WHERE conrelid = '_asked'::regclass AND conname = '_c'",
    )


class Rewriting:
    """Asks how a database would keep conditions.

    :param connection: the database; in a transaction of its own, or of the caller's.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._answers: dict[Question, str | None] = {}
        self._waiting: dict[Question, None] = {}
        self._holds = False

    @property
    def waiting(self) -> int:
        """How many questions wait for :meth:`ask_all`."""
        return len(self._waiting)

    def hold(self) -> None:
        """Let new questions wait for :meth:`ask_all`."""
        self._holds = True

    def waits(self, question: Question) -> bool:
        """Return whether a question is to be asked later, with all others."""
        if self._holds and question not in self._answers:
            self._waiting[question] = None
            return True

        return False

    def kept(self, question: Question) -> str | None:
        """Return a condition as it would be kept; None if PostgreSQL does not tell."""
        if question not in self._answers:
            made = [question.made, question.made_next]
            self._answers[question] = self.looked_up(made, question.asks)

        return self._answers[question]

    def ask_all(self) -> None:
        """Ask for all that wait, and let none wait from now on."""
        waiting, self._waiting, self._holds = list(self._waiting), {}, False
        if waiting:
            answers = self._asked_together(waiting)
            self._answers.update(zip(waiting, answers, strict=False))

    def _asked_together(self, asked: Sequence[Question]) -> list[str | None]:
        """Return the answers in order; none if such a function cannot be made."""
        texts = sa.ARRAY(sa.Text)
        call = sa.text(
            "SELECT pg_temp._fme_kept(:made, :made_next, :questions)"
        ).bindparams(
            sa.bindparam("made", [each.made for each in asked], texts),
            sa.bindparam("made_next", [each.made_next for each in asked], texts),
            sa.bindparam("questions", [each.asks for each in asked], texts),
        )
        savepoint = self._connection.begin_nested()
        try:
            self._run(_FUNCTION)
            found: list[str | None] = self._connection.execute(call).scalar_one()
            return found
        except sa.exc.DBAPIError:
            return []
        finally:
            savepoint.rollback()

    def looked_up(self, made: Sequence[str], question: str) -> str | None:
        """Return what PostgreSQL says of what is made, and taken back at once."""
        savepoint = self._connection.begin_nested()
        try:
            for sql in made:
                self._run(sql)
            return str(self._run(question).scalar())
        except sa.exc.DBAPIError:
            return None
        finally:
            savepoint.rollback()

    def _run(self, sql: str) -> sa.CursorResult[Any]:
        return self._connection.execute(sa.text(sql.replace(":", "\\:")))
