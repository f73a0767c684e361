"""Partners hear the stored events of what they see."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPERATOR = "operator_id = nullif(current_setting('app.operator_id', true), '')::uuid"
_PARTNER = "nullif(current_setting('app.partner_id', true), '')::uuid"
_TABLES = (
    ("session", "session"),
    ("cdr", "charge_detail_record"),
    ("station", "station"),
    ("connector", "connector"),
    ("evse", "evse"),
    ("location", "location"),
    ("command", "command"),
)


def _policy(partner: str) -> None:
    condition = f"{_OPERATOR} AND ((SELECT {_PARTNER}) IS NULL OR ({partner}))"
    op.execute("DROP POLICY IF EXISTS tenant ON outbox_event")
    op.execute(f"CREATE POLICY tenant ON outbox_event TO fc_app USING ({condition}) WITH CHECK ({condition})")


def upgrade() -> None:
    cases = " ".join(
        f"WHEN '{noun}' THEN EXISTS (SELECT FROM {table} s WHERE s.operator_id = outbox_event.operator_id"
        " AND s.id = outbox_event.subject_id)"
        for noun, table in _TABLES
    )
    _policy(f"CASE split_part(outbox_event.type, '.', 1) {cases} ELSE false END")


def downgrade() -> None:
    _policy("false")
