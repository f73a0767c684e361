"""Mails are recorded with what became of them."""

import sqlalchemy as sa
from alembic import op

from forecourt.migrations.guards import guard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_message",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("html", sa.Text()),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_mail_message"),
    )
    op.create_index("ix_mail_message_operator_id_created_at", "mail_message", ["operator_id", "created_at"])
    guard("mail_message")


def downgrade() -> None:
    op.drop_table("mail_message")
