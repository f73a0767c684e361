"""Row-level security and grants of a tenant's new table, for revisions.

Frozen with the revisions that use it: what the tenancy rules say later does not change what these made.
"""

from __future__ import annotations

from alembic import op

_OPERATOR = "operator_id = nullif(current_setting('app.operator_id', true), '')::uuid"
_PARTNER = "nullif(current_setting('app.partner_id', true), '')::uuid"


def guard(table: str, *, partner_sql: str = "false", append_only: bool = False) -> None:
    """Guard ``table``, which has a column ``operator_id``: the tenant's own rows for fc_app, all for the others."""
    grants = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    condition = f"{_OPERATOR} AND ((SELECT {_PARTNER} IS NULL) OR ({partner_sql}))"
    op.execute(f"GRANT {grants} ON {table} TO fc_app, fc_system")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO fc_app USING ({condition}) WITH CHECK ({condition})")
    for role in ("system", "owner"):
        op.execute(f"CREATE POLICY {role} ON {table} TO fc_{role} USING (true) WITH CHECK (true)")
    if append_only:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION fc_refuse_change('{table}')"
        )
