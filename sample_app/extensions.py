"""The extensions of the app, and what every model builds on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_migrations_ext import Migrate


class Base(DeclarativeBase):
    """The declarative base. Names for constraints make them droppable later."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

# Revisions are in migrations/ beside this file, whatever the working directory.
migrate = Migrate()


# The parent of all models. Flask-SQLAlchemy builds it at run time, where a type
# checker cannot follow.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
