"""Tables that classes make when they are first used are compared, too."""

from __future__ import annotations

from pathlib import Path

from tests.apps import new_project
from tests.apps import USER

HISTORY = """
from sqlalchemy import event, orm


@event.listens_for(orm.Mapper, "after_configured", once=True)
def _make_history():
    db.Table("user_history", db.Column("id", db.Integer, primary_key=True))
"""
BROKEN = """

class Dog(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owner = db.relationship("Nobody")
"""


def test_what_a_class_makes_is_found(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER + HISTORY).with_folder()
    check = project.flask("db", "check")

    assert check.status == 1
    assert "create table user_history" in check.err


def test_classes_that_cannot_be_used_are_told_and_compared(tmp_path: Path) -> None:
    project = new_project(tmp_path / "app", USER + BROKEN).with_folder()
    migrate = project.flask("db", "migrate")

    assert migrate.status == 0
    assert "Left out: what classes make when they are first used" in migrate.err
    assert "'Nobody'" in migrate.err
    assert "create table dog" in migrate.err
