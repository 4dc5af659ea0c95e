<%
    names = [
        name.strip()
        for name in (config.get_main_option("databases") or "").split(",")
        if name.strip()
    ]
%>\
"""${message}

Revision ID: ${up_revision}
Revises:${" " if down_revision else ""}${down_revision | comma,n}
Create Date: ${create_date}

"""

import sqlalchemy as sa
from alembic import op
% if imports:
${imports}
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade(engine_name: str) -> None:
    globals()[f"upgrade_{engine_name}"]()


def downgrade(engine_name: str) -> None:
    globals()[f"downgrade_{engine_name}"]()
% for name in names:


def upgrade_${name}() -> None:
    ${context.get(f"{name}_upgrades") or "pass"}


def downgrade_${name}() -> None:
    ${context.get(f"{name}_downgrades") or "pass"}
% endfor
