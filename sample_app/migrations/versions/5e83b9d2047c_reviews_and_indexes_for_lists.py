"""reviews, and indexes for lists

Revision ID: 5e83b9d2047c
Revises: 4d7a10e6c3f9
Create Date: 2026-11-21 03:25:12.340728

"""

import sqlalchemy as sa

import sample_app.columns
from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "5e83b9d2047c"
down_revision = "4d7a10e6c3f9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "written_at",
            sample_app.columns.UtcDateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_review_customer_id_customer"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint(
            "book_id",
            "customer_id",
            name=op.f("uq_review_book_id_customer_id"),
        ),
        sa.CheckConstraint(
            "rating BETWEEN 1 AND 5",
            name=op.f("ck_review_rating_in_stars"),
        ),
    )
    op.create_index(op.f("ix_review_book_id_rating"), "review", ["book_id", "rating"])
    with op.batch_alter_table("author") as batch_op:
        batch_op.add_column(sa.Column("biography", sa.Text(), nullable=True))
    with op.batch_alter_table("book") as batch_op:
        batch_op.add_column(
            sa.Column(
                "is_available",
                sa.Boolean(),
                server_default=sa.true(),
                nullable=False,
            ),
        )
        batch_op.alter_column(
            "title",
            existing_type=sa.String(length=150),
            type_=sa.String(length=200),
            existing_nullable=False,
        )
        batch_op.create_index(batch_op.f("ix_book_title"), ["title"])
    with op.batch_alter_table("order") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_customer_id_placed_at"),
            ["customer_id", "placed_at"],
        )
        batch_op.drop_index(batch_op.f("ix_order_customer_id"))
    with op.batch_alter_table("review") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_review_book_id_book"),
            "book",
            ["book_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    with op.batch_alter_table("review") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_review_book_id_book"),
            type_="foreignkey",
        )
    with op.batch_alter_table("order") as batch_op:
        batch_op.create_index(batch_op.f("ix_order_customer_id"), ["customer_id"])
        batch_op.drop_index(batch_op.f("ix_order_customer_id_placed_at"))
    with op.batch_alter_table("book") as batch_op:
        batch_op.drop_index(batch_op.f("ix_book_title"))
        batch_op.alter_column(
            "title",
            existing_type=sa.String(length=200),
            type_=sa.String(length=150),
            existing_nullable=False,
        )
        batch_op.drop_column("is_available")
    with op.batch_alter_table("author") as batch_op:
        batch_op.drop_column("biography")
    op.drop_table("review")
