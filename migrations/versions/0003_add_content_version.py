"""Add the counters from which the versions of places are summed up."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_version",
        sa.Column("place_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stripe", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place_id", "stripe", name=op.f("pk_content_version")),
    )


def downgrade() -> None:
    op.drop_table("content_version")
