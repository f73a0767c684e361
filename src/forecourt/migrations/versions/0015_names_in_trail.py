"""The trail keeps what its subject was called; a person without a chosen language has the browser's."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("subject_name", sa.Text()))
    op.alter_column("app_user", "language", nullable=True, server_default=None)
    op.execute("UPDATE app_user SET language = NULL WHERE language = 'en'")


def downgrade() -> None:
    op.execute("UPDATE app_user SET language = 'en' WHERE language IS NULL")
    op.alter_column("app_user", "language", nullable=False, server_default="en")
    op.drop_column("audit_entry", "subject_name")
