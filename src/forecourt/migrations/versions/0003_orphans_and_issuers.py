"""Orphans are judged by people, records name the token's issuer, a token's open sessions are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orphan", sa.Column("matched_by", sa.Text()))
    op.add_column("orphan", sa.Column("dismissed_at", sa.DateTime(timezone=True)))
    op.add_column("orphan", sa.Column("dismissed_by", sa.Text()))
    op.add_column("orphan", sa.Column("dismiss_reason", sa.Text()))
    op.add_column("charge_detail_record", sa.Column("token_issuer", sa.Text()))
    op.create_index(
        "ix_session_token_open",
        "session",
        ["operator_id", "token_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_session_token_open", table_name="session")
    op.drop_column("charge_detail_record", "token_issuer")
    for name in ("dismiss_reason", "dismissed_by", "dismissed_at", "matched_by"):
        op.drop_column("orphan", name)
