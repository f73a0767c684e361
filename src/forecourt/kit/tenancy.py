"""Row-level security: which rows a transaction may see, and who may touch which table.

Three roles, none of them superuser, none exempt from the policies:

- ``fc_app``: on behalf of one tenant. Sees rows of the operator in ``app.operator_id``, nothing if unset.
- ``fc_system``: across tenants (gateway batches, jobs), by a policy of its own.
- ``fc_owner``: owns tables, runs migrations; the same policy, else FORCE makes a backfill touch nothing.

A table says what it needs in ``Table.info`` (``__table_args__ = (..., {"info": {...}})``):

- ``operator_column``: the column that holds the tenant, if it is not ``operator_id``.
- ``partner_sql``: SQL condition on the row under which a partner scope inside the operator sees it; it may
  use ``PARTNER_SQL``. Left out, a partner sees nothing.
- ``append_only``: ``True`` refuses every UPDATE and DELETE, for every role; ``"fill"`` admits an UPDATE that
  turns nulls into values. Retention then drops partitions.
- ``app_grants``, ``system_grants``: privileges instead of the usual ones, e.g. ``"SELECT"``. Tables without
  a tenant give ``fc_app`` nothing unless they say so here.

Policies guard the table they are on: a partition named directly is not guarded by its parent's. Partitions
therefore get no grants, and nothing here says ON ALL TABLES.

Under a policy PostgreSQL uses an index only for conditions that cannot leak what they compare. Equality and
order of uuid, text, integers and timestamptz are such, and ``starts_with``; ``lower()``, LIKE, jsonb
operators and comparisons of numeric are not: for fc_app those scan all rows of the operator. So index a
column that holds the normalised value, not an expression.
"""

from __future__ import annotations

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import postgresql

APP_ROLE = "fc_app"
SYSTEM_ROLE = "fc_system"
OWNER_ROLE = "fc_owner"
ROLES = (APP_ROLE, SYSTEM_ROLE, OWNER_ROLE)
ROLE_ATTRIBUTES = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"

OPERATOR_SQL = "nullif(current_setting('app.operator_id', true), '')::uuid"
"""The transaction's operator, or null."""
PARTNER_SQL = "nullif(current_setting('app.partner_id', true), '')::uuid"
"""The transaction's partner scope, or null for the whole operator."""

_ALL = "SELECT, INSERT, UPDATE, DELETE"

_quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]


def role_statements() -> list[str]:
    """SQL that makes the three roles if they are missing. Needs CREATEROLE."""
    return [
        f"""DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} {ROLE_ATTRIBUTES};
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"""
        for role in ROLES
    ]


def operator_column(table: Table) -> Column[object] | None:
    """The column that holds the row's tenant, or None for a table without one."""
    name = table.info.get("operator_column", "operator_id")
    return table.columns.get(name)


def tenancy_statements(metadata: MetaData) -> list[str]:
    """Policies, grants and triggers for every table of the metadata, as fc_owner. Safe to run again."""
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE}",
        *_trigger_functions(),
    ]
    for table in metadata.sorted_tables:
        statements += table_statements(table)
    statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}, {SYSTEM_ROLE}")
    return statements


def table_statements(table: Table) -> list[str]:
    """Policies, grants and triggers of one table; the trigger functions must be there."""
    name = _quote(table.name)
    column = operator_column(table)
    append_only = table.info.get("append_only", False)
    usual = (
        _ALL if not append_only else "SELECT, INSERT, UPDATE" if append_only == "fill" else "SELECT, INSERT"
    )
    app_grants = table.info.get("app_grants", usual if column is not None else "")
    system_grants = table.info.get("system_grants", usual)

    statements = [f"REVOKE ALL ON {name} FROM PUBLIC, {APP_ROLE}, {SYSTEM_ROLE}"]
    if app_grants:
        statements.append(f"GRANT {app_grants} ON {name} TO {APP_ROLE}")
    if system_grants:
        statements.append(f"GRANT {system_grants} ON {name} TO {SYSTEM_ROLE}")
    if column is not None:
        partner = table.info.get("partner_sql") or "false"
        # The subselect runs once a query instead of once a row (0.2 µs each); the operator is an index condition.
        # It yields a boolean: of `(SELECT …) IS NULL` the planner believes that one row in 200 passes, and
        # sorts the whole table for a page that an index has in order.
        condition = (
            f"{_quote(column.name)} = {OPERATOR_SQL} AND ((SELECT {PARTNER_SQL} IS NULL) OR ({partner}))"
        )
        statements += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            *_policy(name, "tenant", APP_ROLE, condition),
            *_policy(name, "system", SYSTEM_ROLE, "true"),
            *_policy(name, "owner", OWNER_ROLE, "true"),
        ]
    if append_only:
        statements += _append_only(table, fill=append_only == "fill")
    return statements


def _policy(table: str, name: str, role: str, condition: str) -> list[str]:
    return [
        f"DROP POLICY IF EXISTS {name} ON {table}",
        f"CREATE POLICY {name} ON {table} TO {role} USING ({condition}) WITH CHECK ({condition})",
    ]


def _trigger_functions() -> list[str]:
    return [
        """CREATE OR REPLACE FUNCTION fc_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_ARGV[0],
                MESSAGE = TG_OP || ' on ' || TG_ARGV[0] || ' refused: what its rows hold is never changed';
        END $$"""
    ]


def _append_only(table: Table, *, fill: bool) -> list[str]:
    """Row triggers: on a partitioned table they reach every partition, and they bind the owner too."""
    name = _quote(table.name)
    literal = "'" + table.name.replace("'", "''") + "'"
    refuse = f"EXECUTE FUNCTION fc_refuse_change({literal})"
    if not fill:
        return [
            f"CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW {refuse}"
        ]
    # The condition is an expression, so that a lawful update calls no function.
    changed = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
        for column in (_quote(column.name) for column in table.columns)
    )
    return [
        f"CREATE OR REPLACE TRIGGER append_only BEFORE DELETE ON {name} FOR EACH ROW {refuse}",
        f"CREATE OR REPLACE TRIGGER fill_only BEFORE UPDATE ON {name} FOR EACH ROW WHEN ({changed}) {refuse}",
    ]
