"""${message}

Revision ID: ${up_revision}
Revises:${" " if down_revision else ""}${down_revision | comma,n}
Create Date: ${create_date}

"""

import sqlalchemy as sa

from flask_migrations_ext import op
% if imports:
${imports}
% endif

# Read by 'flask db' without running this file: write these out.
revision = ${quoted(up_revision)}
down_revision = ${quoted(down_revision)}
branch_labels = ${quoted(branch_labels)}
depends_on = ${quoted(depends_on)}


def upgrade(${parameters}) -> None:
    ${upgrades if upgrades else "pass"}


def downgrade(${parameters}) -> None:
    ${downgrades if downgrades else "pass"}
