"""The message log keeps our reply in the row of the message that it answers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_log", sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message_log", sa.Column("reply_type", sa.BigInteger(), nullable=True))
    op.add_column("message_log", sa.Column("reply", sa.Text(), nullable=True))


def downgrade() -> None:
    for column in ("reply", "reply_type", "replied_at"):
        op.drop_column("message_log", column)
