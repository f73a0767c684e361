"""Alert rules, channels, incidents and deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from forecourt.migrations.guards import guard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_channel",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("recipients", postgresql.JSONB(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_alert_channel"),
    )
    op.create_table(
        "alert_rule",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("builtin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("delay_minutes", sa.BigInteger(), nullable=False),
        sa.Column("reopen_minutes", sa.BigInteger(), server_default="15", nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("location_ids", postgresql.JSONB(), nullable=True),
        sa.Column("channel_ids", postgresql.JSONB(), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_alert_rule"),
    )
    op.create_index(
        "uq_alert_rule_builtin",
        "alert_rule",
        ["operator_id", "kind"],
        unique=True,
        postgresql_where=sa.text("builtin"),
    )
    op.create_table(
        "incident",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolve_cause", sa.Text(), nullable=True),
        sa.Column("resolve_reason", sa.Text(), nullable=True),
        sa.Column("reopened", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told_state", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_incident"),
    )
    op.create_index("ix_incident_list", "incident", ["operator_id", "opened_at", "id"], unique=False)
    op.create_index(
        "ix_incident_station", "incident", ["operator_id", "station_id", "opened_at"], unique=False
    )
    op.create_index(
        "ix_incident_subject", "incident", ["operator_id", "rule_id", "subject_id", "opened_at"], unique=False
    )
    op.create_index(
        "uq_incident_unresolved",
        "incident",
        ["operator_id", "rule_id", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_table(
        "incident_entry",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id", "incident_id"],
            ["incident.operator_id", "incident.id"],
            name="fk_incident_entry_operator_id_incident_id",
        ),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_incident_entry"),
        info={"append_only": True},
    )
    op.create_index(
        "ix_incident_entry_incident", "incident_entry", ["operator_id", "incident_id", "at"], unique=False
    )
    op.create_table(
        "alert_delivery",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("channel_kind", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("response_code", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("took_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id", "incident_id"],
            ["incident.operator_id", "incident.id"],
            name="fk_alert_delivery_operator_id_incident_id",
        ),
        sa.PrimaryKeyConstraint("operator_id", "id", name="pk_alert_delivery"),
    )
    op.create_index(
        "ix_alert_delivery_channel",
        "alert_delivery",
        ["operator_id", "channel_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_alert_delivery_incident", "alert_delivery", ["operator_id", "incident_id"], unique=False
    )
    op.create_index(
        "ix_alert_delivery_list", "alert_delivery", ["operator_id", "created_at", "id"], unique=False
    )

    for table in ("alert_channel", "alert_rule", "incident", "alert_delivery"):
        guard(table)
    guard("incident_entry", append_only=True)


def downgrade() -> None:
    for table in ("alert_delivery", "incident_entry", "incident", "alert_rule", "alert_channel"):
        op.drop_table(table)
