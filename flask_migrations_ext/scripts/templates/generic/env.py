"""How the migrations of a project without Flask run: on sqlalchemy.url, in alembic.ini.

Any tool that knows Alembic's names runs this file.
"""

import sqlalchemy as sa
from alembic import context

# What the tables should be, to write revisions from: mypackage.models.Base.metadata
target_metadata = None


def run(**where):
    context.configure(target_metadata=target_metadata, **where)
    with context.begin_transaction():
        context.run_migrations()


settings = context.config.get_section(context.config.config_ini_section, {})
if context.is_offline_mode():
    # With --sql there is text in place of a database.
    run(url=settings["sqlalchemy.url"], literal_binds=True)
else:
    engine = sa.engine_from_config(settings, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        run(connection=connection)
