"""A tariff version can be scheduled."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NAME = "ck_tariff_version_status"


def upgrade() -> None:
    """Let a version wait for its time."""
    op.drop_constraint(op.f(_NAME), "tariff_version", type_="check")
    op.create_check_constraint(
        op.f(_NAME), "tariff_version", "status IN ('draft', 'scheduled', 'live', 'retired')"
    )


def downgrade() -> None:
    """What waits becomes a draft again."""
    op.execute("UPDATE tariff_version SET status = 'draft', published_at = NULL WHERE status = 'scheduled'")
    op.drop_constraint(op.f(_NAME), "tariff_version", type_="check")
    op.create_check_constraint(op.f(_NAME), "tariff_version", "status IN ('draft', 'live', 'retired')")
