"""A small bookshop on Flask and Flask-SQLAlchemy, whose tables migrations build."""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask import Flask

from . import models as models  # migrations compare the database with these
from .api import api
from .extensions import db
from .extensions import migrate
from .pages import pages
from .probes import probes
from .seed import seed_command
from .sessions import prepare_connections


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """Return the shop as a Flask app; ``config`` wins over the environment.

    ``DATABASE_URL`` names the database. Without it, the shop lives in a SQLite
    file in the instance folder. ``MIGRATE_ON_START`` says what becomes of revisions
    that it lacks: ``upgrade``, ``wait`` or ``check``; without it, nothing.
    """
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = (
        os.environ.get("DATABASE_URL") or "sqlite:///shop.db"
    )
    app.config["MIGRATE_ON_START"] = os.environ.get("MIGRATE_ON_START") or None
    app.config.from_mapping(config)

    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        prepare_connections(db.engine)

    app.register_blueprint(pages)
    app.register_blueprint(api)
    app.register_blueprint(probes)
    app.cli.add_command(seed_command)
    # Last, where the app is complete. No command of flask makes it upgrade.
    migrate.on_start(app)
    return app
