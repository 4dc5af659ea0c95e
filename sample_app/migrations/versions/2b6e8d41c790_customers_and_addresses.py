"""customers and addresses

Revision ID: 2b6e8d41c790
Revises: 1f0c9a7d3e52
Create Date: 2026-11-21 03:25:08.313139

"""

import sqlalchemy as sa

import sample_app.columns
from flask_migrations_ext import op

# Read by 'flask db' without running this file: write these out.
revision = "2b6e8d41c790"
down_revision = "1f0c9a7d3e52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column(
            "wants_newsletter",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.Column(
            "joined_at",
            sample_app.columns.UtcDateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("email", name=op.f("uq_customer_email")),
    )
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column(
            "country",
            sa.String(length=2),
            server_default="GB",
            nullable=False,
            comment="ISO 3166-1 alpha-2",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_address_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "length(country) = 2",
            name=op.f("ck_address_country_code"),
        ),
    )
    op.create_index(op.f("ix_address_customer_id"), "address", ["customer_id"])


def downgrade() -> None:
    op.drop_table("address")
    op.drop_table("customer")
