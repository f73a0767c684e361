"""Lists page by index: indexes in the order of the lists, and policies whose selectivity is not underrated."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LISTS = (
    ("station", ["operator_id", "identity", "id"]),
    ("evse", ["operator_id", "evse_uid", "id"]),
    ("connector", ["operator_id", "created_at", "id"]),
    ("location", ["operator_id", "name", "id"]),
    ("command", ["operator_id", "created_at", "id"]),
    ("id_token", ["operator_id", "created_at", "id"]),
)
_OLD = """(( SELECT (NULLIF(current_setting('app.partner_id'::text, true), ''::text))::uuid AS "nullif") IS NULL)"""
_NEW = """( SELECT ((NULLIF(current_setting('app.partner_id'::text, true), ''::text))::uuid IS NULL))"""


def _rewrite(old: str, new: str) -> None:
    """Replace a part of every tenant policy; what it admits stays the same."""
    op.execute(
        f"""DO $migration$ DECLARE found record; condition text; BEGIN
            FOR found IN SELECT tablename, qual FROM pg_policies
                WHERE schemaname = 'public' AND policyname = 'tenant' LOOP
                condition := replace(found.qual, $old${old}$old$, $new${new}$new$);
                EXECUTE format('ALTER POLICY tenant ON public.%I USING (%s) WITH CHECK (%s)',
                    found.tablename, condition, condition);
            END LOOP;
        END $migration$"""  # noqa: S608
    )


def upgrade() -> None:
    for table, columns in _LISTS:
        op.create_index(f"ix_{table}_list", table, columns)
    _rewrite(_OLD, _NEW)


def downgrade() -> None:
    _rewrite(
        "( SELECT ((NULLIF(current_setting('app.partner_id'::text, true), ''::text))::uuid IS NULL) AS \"?column?\")",
        _OLD,
    )
    for table, _ in _LISTS:
        op.drop_index(f"ix_{table}_list", table_name=table)
