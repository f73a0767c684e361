"""Imports from files, with the plan and the way back of each row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from forecourt.migrations.guards import guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="file", nullable=False),
        sa.Column("filename", sa.Text()),
        sa.Column("file_sha256", sa.Text()),
        sa.Column("encoding", sa.Text()),
        sa.Column("delimiter", sa.Text()),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("error", JSONB()),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("committed_by", sa.Text()),
        sa.Column("committed_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("passwords_taken_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_import_run"),
    )
    op.create_index("ix_import_run_list", "import_run", ["operator_id", "created_at", "id"])
    op.create_index("ix_import_run_file", "import_run", ["operator_id", "file_sha256"])
    guard("import_run")
    op.create_table(
        "import_row",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("cells", JSONB(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("plan", sa.Text()),
        sa.Column("errors", JSONB()),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB()),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("subject_revision", sa.BigInteger()),
        sa.Column("restore", JSONB()),
        sa.Column("undone", sa.Text()),
        sa.Column("kept_because", sa.Text()),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_import_row"),
        sa.ForeignKeyConstraint(
            ["operator_id", "run_id"],
            ["import_run.operator_id", "import_run.id"],
            name="fk_import_row_operator_id_run_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("uq_import_row_line", "import_row", ["operator_id", "run_id", "line"], unique=True)
    guard("import_row")


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_run")
