"""How the migrations of a project with several databases run: one after the other.

Their names are said by databases, in alembic.ini; each has a section with its
sqlalchemy.url. A revision has an upgrade and a downgrade for each.

Any tool that knows Alembic's names runs this file.
"""

import sqlalchemy as sa
from alembic import context

# What the tables of each database should be, to write revisions from:
# {"engine1": mypackage.models.Base.metadata, …}
target_metadata = None


def run(name, **where):
    context.configure(
        target_metadata=target_metadata and target_metadata.get(name),
        upgrade_token=f"{name}_upgrades",
        downgrade_token=f"{name}_downgrades",
        **where,
    )
    with context.begin_transaction():
        context.run_migrations(engine_name=name)


for name in context.config.get_main_option("databases", "").split(","):
    name = name.strip()
    settings = context.config.get_section(name, {})
    if context.is_offline_mode():
        # With --sql there is text in place of a database.
        run(name, url=settings["sqlalchemy.url"], literal_binds=True)
    else:
        engine = sa.engine_from_config(settings, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            run(name, connection=connection)
