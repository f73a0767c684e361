"""Invitations, second factors, password resets, preferences; more of the operator, security rules, a logo."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from forecourt.migrations.guards import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _tenant_table(name: str, *columns: sa.schema.SchemaItem, created: str = "created_at") -> None:
    op.create_table(
        name,
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column(created, _TIME, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=f"fk_{name}_operator_id"),
    )
    guard(name)


def _of_user(name: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id", "user_id"],
            ["app_user.operator_id", "app_user.id"],
            name=f"fk_{name}_operator_id_user_id",
        ),
    ]


def upgrade() -> None:
    for name in ("legal_name", "country", "support_phone", "support_email", "logo_sha256"):
        op.add_column("operator", sa.Column(name, sa.Text()))
    op.add_column("operator", sa.Column("languages", JSONB(), server_default='["en"]', nullable=False))
    op.add_column("operator", sa.Column("security", JSONB(), server_default="{}", nullable=False))
    op.add_column("operator", sa.Column("logo", sa.LargeBinary()))

    person = sa.Column("person_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)
    op.add_column("app_user", person)
    op.add_column("app_user", sa.Column("language", sa.Text(), server_default="en", nullable=False))
    op.add_column("app_user", sa.Column("time_zone", sa.Text()))
    op.create_index("ix_app_user_person_id", "app_user", ["person_id"])

    op.add_column("web_session", sa.Column("method", sa.Text(), server_default="password", nullable=False))
    op.add_column("web_session", sa.Column("confirmed_at", _TIME))

    op.create_table(
        "sign_in_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid()),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary()),
        sa.Column("replaces_session_id", sa.Uuid()),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("created_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_challenge"),
        sa.UniqueConstraint("token_sha256", name="uq_sign_in_challenge_token_sha256"),
    )
    op.create_index("ix_sign_in_challenge_expires_at", "sign_in_challenge", ["expires_at"])
    guard("sign_in_challenge")
    op.execute("REVOKE ALL ON sign_in_challenge FROM fc_app")

    _tenant_table(
        "totp",
        *_of_user("totp"),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", _TIME),
        sa.Column("last_step", sa.BigInteger()),
        sa.UniqueConstraint("operator_id", "user_id", name="uq_totp_operator_id_user_id"),
    )
    _tenant_table(
        "recovery_code",
        *_of_user("recovery_code"),
        sa.Column("code_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", _TIME),
    )
    op.create_index("ix_recovery_code_operator_id_user_id", "recovery_code", ["operator_id", "user_id"])
    _tenant_table(
        "passkey",
        *_of_user("passkey"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", JSONB(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("last_used_at", _TIME),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_operator_id_user_id", "passkey", ["operator_id", "user_id"])
    _tenant_table(
        "password_reset",
        *_of_user("password_reset"),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME),
        sa.UniqueConstraint("token_sha256", name="uq_password_reset_token_sha256"),
    )
    op.create_index("ix_password_reset_operator_id_user_id", "password_reset", ["operator_id", "user_id"])
    _tenant_table(
        "invitation",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("partner_id", sa.Uuid()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("accepted_at", _TIME),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("revoked_at", _TIME),
        sa.ForeignKeyConstraint(
            ["operator_id", "partner_id"],
            ["partner.operator_id", "partner.id"],
            name="fk_invitation_operator_id_partner_id",
        ),
        sa.UniqueConstraint("token_sha256", name="uq_invitation_token_sha256"),
    )
    op.create_index("ix_invitation_operator_id_email_key", "invitation", ["operator_id", "email_key"])
    _tenant_table(
        "user_preference",
        *_of_user("user_preference"),
        sa.Column("content", JSONB(), nullable=False),
        sa.UniqueConstraint("operator_id", "user_id", name="uq_user_preference_operator_id_user_id"),
        created="updated_at",
    )


def downgrade() -> None:
    for name in (
        "user_preference", "invitation", "password_reset", "passkey", "recovery_code", "totp", "sign_in_challenge",
    ):  # fmt: skip
        op.drop_table(name)
    op.drop_column("web_session", "confirmed_at")
    op.drop_column("web_session", "method")
    op.drop_index("ix_app_user_person_id", table_name="app_user")
    for name in ("time_zone", "language", "person_id"):
        op.drop_column("app_user", name)
    for name in (
        "logo", "security", "languages", "logo_sha256", "support_email", "support_phone", "country", "legal_name",
    ):  # fmt: skip
        op.drop_column("operator", name)
