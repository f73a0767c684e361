"""Gateways read only the stations that changed; replaced passwords end at the first use of the new one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "station",
        sa.Column(
            "directory_change",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
    )
    op.create_index("ix_station_directory_change", "station", ["directory_change"])
    op.create_index(
        "ix_station_knocking",
        "station",
        ["operator_id"],
        postgresql_where=sa.text("registration = 'knocking'"),
    )
    op.add_column("station_credential", sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_station_credential_end",
        "station_credential",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_station_credential_end", "station_credential")
    op.drop_column("station_credential", "replaced_at")
    op.drop_index("ix_station_knocking", "station")
    op.drop_index("ix_station_directory_change", "station")
    op.drop_column("station", "directory_change")
