"""Whoever resolves a finding may say what came out."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("finding", sa.Column("resolve_reason", sa.Text()))


def downgrade() -> None:
    op.drop_column("finding", "resolve_reason")
