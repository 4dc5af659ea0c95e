"""first and last names of customers

Revision ID: 60f4c1ae9b35
Revises: 5e83b9d2047c
Create Date: 2026-11-21 03:25:13.680709

"""

import sqlalchemy as sa

from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "60f4c1ae9b35"
down_revision = "5e83b9d2047c"
branch_labels = None
depends_on = None


customer = sa.table(
    "customer",
    sa.column("id", sa.Integer),
    sa.column("name", sa.String),
    sa.column("first_name", sa.String),
    sa.column("last_name", sa.String),
)


def upgrade() -> None:
    with op.batch_alter_table("customer") as batch_op:
        batch_op.add_column(
            sa.Column("first_name", sa.String(length=80), nullable=True)
        )
        batch_op.add_column(sa.Column("last_name", sa.String(length=80), nullable=True))

    # In Python: databases split strings each in a way of its own.
    connection = op.get_bind()
    for id, name in connection.execute(sa.select(customer.c.id, customer.c.name)).all():
        first, _, last = name.partition(" ")
        connection.execute(
            sa.update(customer)
            .where(customer.c.id == id)
            .values(first_name=first[:80], last_name=last[:80])
        )

    with op.batch_alter_table("customer") as batch_op:
        batch_op.drop_column("name")


def downgrade() -> None:
    with op.batch_alter_table("customer") as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(length=160), nullable=True))

    connection = op.get_bind()
    names = sa.select(customer.c.id, customer.c.first_name, customer.c.last_name)
    for id, first, last in connection.execute(names).all():
        connection.execute(
            sa.update(customer)
            .where(customer.c.id == id)
            .values(name=f"{first or ''} {last or ''}".strip())
        )

    with op.batch_alter_table("customer") as batch_op:
        batch_op.alter_column(
            "name", existing_type=sa.String(length=160), nullable=False
        )
        batch_op.drop_column("last_name")
        batch_op.drop_column("first_name")
