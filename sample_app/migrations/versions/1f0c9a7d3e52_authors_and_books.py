"""authors and books

Revision ID: 1f0c9a7d3e52
Revises:
Create Date: 2026-11-21 03:25:07.058995

"""

import sqlalchemy as sa

import sample_app.columns
from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "1f0c9a7d3e52"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "name",
            sa.String(length=120),
            nullable=False,
            comment="As printed on the cover",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author")),
        sa.UniqueConstraint("name", name=op.f("uq_author_name")),
    )
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column(
            "isbn",
            sa.String(length=13),
            nullable=False,
            comment="ISBN-13 without hyphens",
        ),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column(
            "price",
            sa.Numeric(precision=10, scale=2),
            nullable=False,
            comment="In euros",
        ),
        sa.Column(
            "stock",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Copies to sell",
        ),
        sa.Column(
            "added_at",
            sample_app.columns.UtcDateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book")),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["author.id"],
            name=op.f("fk_book_author_id_author"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("isbn", name=op.f("uq_book_isbn")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_book_price_not_negative")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_book_stock_not_negative")),
    )
    op.create_index(op.f("ix_book_author_id"), "book", ["author_id"])


def downgrade() -> None:
    op.drop_table("book")
    op.drop_table("author")
