"""Attempts and sessions of a token are found by index."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_authorisation_token", "authorisation", ["operator_id", "token_id", "at"])
    op.create_index("ix_session_token", "session", ["operator_id", "token_id", "opened_at"])


def downgrade() -> None:
    op.drop_index("ix_session_token", "session")
    op.drop_index("ix_authorisation_token", "authorisation")
