"""How the migrations of a project without Flask run: in an event loop.

The database is sqlalchemy.url, in alembic.ini.

Any tool that knows Alembic's names runs this file.
"""

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import async_engine_from_config

# What the tables should be, to write revisions from: mypackage.models.Base.metadata
target_metadata = None


def run(connection=None, **where):
    context.configure(connection, target_metadata=target_metadata, **where)
    with context.begin_transaction():
        context.run_migrations()


async def run_in_loop():
    engine = async_engine_from_config(settings, poolclass=sa.pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


settings = context.config.get_section(context.config.config_ini_section, {})
if context.is_offline_mode():
    # With --sql there is text in place of a database.
    run(url=settings["sqlalchemy.url"], literal_binds=True)
else:
    asyncio.run(run_in_loop())
