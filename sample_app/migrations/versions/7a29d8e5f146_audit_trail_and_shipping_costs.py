"""audit trail and shipping costs

Revision ID: 7a29d8e5f146
Revises: 60f4c1ae9b35
Create Date: 2026-11-21 03:25:15.312349

"""

import sqlalchemy as sa

import sample_app.columns
from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "7a29d8e5f146"
down_revision = "60f4c1ae9b35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column(
            "details",
            sa.JSON(),
            nullable=False,
            comment="What the action was about",
        ),
        sa.Column(
            "happened_at",
            sample_app.columns.UtcDateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        op.f("ix_audit_entry_action_happened_at"),
        "audit_entry",
        ["action", "happened_at"],
    )
    with op.batch_alter_table("customer") as batch_op:
        batch_op.alter_column(
            "first_name",
            existing_type=sa.String(length=80),
            nullable=False,
        )
        batch_op.alter_column(
            "last_name",
            existing_type=sa.String(length=80),
            nullable=False,
        )
    with op.batch_alter_table("order") as batch_op:
        batch_op.add_column(
            sa.Column(
                "shipping_cost",
                sa.Numeric(precision=10, scale=2),
                server_default="0.00",
                nullable=False,
            ),
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_order_shipping_not_negative"),
            "shipping_cost >= 0",
        )


def downgrade() -> None:
    with op.batch_alter_table("order") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("ck_order_shipping_not_negative"),
            type_="check",
        )
        batch_op.drop_column("shipping_cost")
    with op.batch_alter_table("customer") as batch_op:
        batch_op.alter_column(
            "last_name",
            existing_type=sa.String(length=80),
            nullable=True,
        )
        batch_op.alter_column(
            "first_name",
            existing_type=sa.String(length=80),
            nullable=True,
        )
    op.drop_table("audit_entry")
