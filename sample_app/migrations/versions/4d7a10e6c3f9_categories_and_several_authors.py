"""categories and several authors

Revision ID: 4d7a10e6c3f9
Revises: 3c95f27ab018
Create Date: 2026-11-21 03:25:10.922048

"""

import sqlalchemy as sa

from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "4d7a10e6c3f9"
down_revision = "3c95f27ab018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "book_author",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "author_id", name=op.f("pk_book_author")),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["author.id"],
            name=op.f("fk_book_author_author_id_author"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["book_id"],
            ["book.id"],
            name=op.f("fk_book_author_book_id_book"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_book_author_author_id"), "book_author", ["author_id"])
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["category.id"],
            name=op.f("fk_category_parent_id_category"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "parent_id",
            "name",
            name=op.f("uq_category_parent_id_name"),
        ),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )
    op.create_table(
        "book_category",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "book_id",
            "category_id",
            name=op.f("pk_book_category"),
        ),
        sa.ForeignKeyConstraint(
            ["book_id"],
            ["book.id"],
            name=op.f("fk_book_category_book_id_book"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.id"],
            name=op.f("fk_book_category_category_id_category"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_book_category_category_id"),
        "book_category",
        ["category_id"],
    )
    # Until now a book had one author at most; that one moves along.
    op.execute(
        "INSERT INTO book_author (book_id, author_id)"
        " SELECT id, author_id FROM book WHERE author_id IS NOT NULL"
    )
    with op.batch_alter_table("book") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_book_author_id_author"),
            type_="foreignkey",
        )
        batch_op.add_column(
            sa.Column(
                "format",
                sa.Enum("paperback", "hardcover", "ebook", name="book_format"),
                server_default="paperback",
                nullable=False,
            ),
        )
        batch_op.drop_index(batch_op.f("ix_book_author_id"))
        batch_op.drop_column("author_id")


def downgrade() -> None:
    with op.batch_alter_table("book") as batch_op:
        batch_op.add_column(sa.Column("author_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_book_author_id"), ["author_id"])
        batch_op.drop_column("format")
        batch_op.create_foreign_key(
            batch_op.f("fk_book_author_id_author"),
            "author",
            ["author_id"],
            ["id"],
            ondelete="SET NULL",
        )
    # There is room for one author only.
    op.execute(
        "UPDATE book SET author_id = (SELECT MIN(author_id) FROM book_author"
        " WHERE book_author.book_id = book.id)"
    )
    op.drop_table("book_category")
    op.drop_table("category")
    op.drop_table("book_author")
    op.drop_enum("book_format")
