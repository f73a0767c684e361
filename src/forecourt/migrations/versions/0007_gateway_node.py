"""Leases of gateways: who lives, by the database's clock."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add gateway_node."""
    op.create_table(
        "gateway_node",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_gateway_node")),
    )
    op.execute("REVOKE ALL ON gateway_node FROM PUBLIC, fc_app, fc_system")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON gateway_node TO fc_system")


def downgrade() -> None:
    """Remove it."""
    op.drop_table("gateway_node")
