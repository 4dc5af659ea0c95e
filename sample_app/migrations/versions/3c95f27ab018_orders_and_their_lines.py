"""orders and their lines

Revision ID: 3c95f27ab018
Revises: 2b6e8d41c790
Create Date: 2026-11-21 03:25:09.569379

"""

import sqlalchemy as sa

import sample_app.columns
from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "3c95f27ab018"
down_revision = "2b6e8d41c790"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "placed",
                "paid",
                "shipped",
                "cancelled",
                name="order_status",
                create_constraint=True,
            ),
            server_default="placed",
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="From the customer"),
        sa.Column(
            "placed_at",
            sample_app.columns.UtcDateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["address.id"],
            name=op.f("fk_order_address_id_address"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_order_customer_id_customer"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("number", name=op.f("uq_order_number")),
    )
    op.create_index(op.f("ix_order_customer_id"), "order", ["customer_id"])
    op.create_table(
        "order_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.ForeignKeyConstraint(
            ["book_id"],
            ["book.id"],
            name=op.f("fk_order_line_book_id_book"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_order_line_order_id_order"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "order_id",
            "book_id",
            name=op.f("uq_order_line_order_id_book_id"),
        ),
        sa.CheckConstraint(
            "quantity > 0",
            name=op.f("ck_order_line_quantity_positive"),
        ),
        sa.CheckConstraint(
            "unit_price >= 0",
            name=op.f("ck_order_line_unit_price_not_negative"),
        ),
    )


def downgrade() -> None:
    op.drop_table("order_line")
    op.drop_table("order")
    op.drop_enum("order_status")
