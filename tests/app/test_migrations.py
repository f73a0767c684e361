"""The migrated database is the one that the models and the tenancy rules describe."""

from __future__ import annotations

import psycopg

from forecourt import migrations
from forecourt.kit.database import DatabaseUrls, conninfo, create_database
from forecourt.kit.postgres import EmbeddedPostgres
from forecourt.kit.tenancy import tenancy_statements

POLICIES = """
    SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies
    WHERE schemaname = 'public' ORDER BY 1, 2
"""
GRANTS = """
    SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND grantee IN ('fc_app', 'fc_system') ORDER BY 1, 2, 3
"""
UNGUARDED = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'operator_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""


class TestMigrations:
    def test_a_migrated_database_is_what_the_models_say(self, cluster: EmbeddedPostgres) -> None:
        name = "migrated"
        create_database(cluster.url("postgres", "postgres"), name)
        urls = DatabaseUrls.by_role(cluster.url, name)
        migrations.upgrade(urls.owner)
        migrations.check(urls.owner)
        with psycopg.connect(conninfo(urls.owner), autocommit=True) as connection:
            assert connection.execute(UNGUARDED).fetchall() == []
            policies = connection.execute(POLICIES).fetchall()
            grants = connection.execute(GRANTS).fetchall()
            for statement in tenancy_statements(migrations.load_metadata()):
                connection.execute(statement.encode())
            assert connection.execute(POLICIES).fetchall() == policies
            assert connection.execute(GRANTS).fetchall() == grants
            assert len(policies) > 60
