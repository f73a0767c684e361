"""Why a job did not succeed is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_error",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_error"),
    )
    op.execute("REVOKE ALL ON job_error FROM PUBLIC, fc_app, fc_system")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON job_error TO fc_system")


def downgrade() -> None:
    op.drop_table("job_error")
