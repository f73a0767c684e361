"""Who sees what: checked by asking PostgreSQL, in every role."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import func, select, text

from forecourt.kit.database import Database
from forecourt.kit.ids import new_id

from .models import Book, Sample, Sealed, Setting, Shelf, Tenant


async def add_shelf(database: Database, operator_id: UUID, **values: object) -> UUID:
    shelf_id = new_id()
    async with database.transaction(operator_id) as uow:
        uow.session.add(Shelf(operator_id=operator_id, id=shelf_id, name="a", **values))
    return shelf_id


async def refused(
    database: Database, statement: str, *, role: str, operator_id: UUID | None = None
) -> psycopg.Error:
    """Run a statement that must not pass; hand back PostgreSQL's error."""

    async def attempt() -> None:
        async with database.transaction(operator_id, role=role) as uow:  # type: ignore[arg-type]
            await (await uow.connection()).execute(statement.encode())

    with pytest.raises(psycopg.Error) as caught:
        await attempt()
    return caught.value


class TestTenantPolicy:
    async def test_a_transaction_without_an_operator_sees_nothing(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        await add_shelf(kit_database, operator_id)
        async with kit_database.transaction() as uow:
            assert await uow.session.scalar(select(func.count()).select_from(Shelf)) == 0

    async def test_an_operator_sees_its_own_rows_only(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        mine = await add_shelf(kit_database, operator_id)
        await add_shelf(kit_database, new_id())
        async with kit_database.transaction(operator_id) as uow:
            assert list(await uow.session.scalars(select(Shelf.id))) == [mine]

    async def test_another_operators_row_cannot_be_inserted(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        error = await refused(
            kit_database,
            f"INSERT INTO shelf (operator_id, id, name, colour) VALUES ('{new_id()}', '{new_id()}', 'x', 'red')",
            role="app",
            operator_id=operator_id,
        )
        assert isinstance(error, errors.InsufficientPrivilege)

    async def test_a_row_cannot_be_given_to_another_operator(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        await add_shelf(kit_database, operator_id)
        statement = f"UPDATE shelf SET operator_id = '{new_id()}'"
        error = await refused(kit_database, statement, role="app", operator_id=operator_id)
        assert isinstance(error, errors.InsufficientPrivilege)

    async def test_another_operators_row_is_not_touched(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        await add_shelf(kit_database, operator_id)
        async with kit_database.transaction(new_id()) as uow:
            cursor = await (await uow.connection()).execute("UPDATE shelf SET name = 'stolen'")
            assert cursor.rowcount == 0

    async def test_a_foreign_key_does_not_reach_another_operators_row(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        other = await add_shelf(kit_database, new_id())
        error = await refused(
            kit_database,
            f"INSERT INTO book (operator_id, id, shelf_id) VALUES ('{operator_id}', '{new_id()}', '{other}')",
            role="app",
            operator_id=operator_id,
        )
        assert isinstance(error, errors.ForeignKeyViolation)

    async def test_deleting_the_target_nulls_the_reference_but_not_the_operator(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        shelf_id, book_id = await add_shelf(kit_database, operator_id), new_id()
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Book(operator_id=operator_id, id=book_id, shelf_id=shelf_id))
        async with kit_database.transaction(operator_id) as uow:
            await uow.session.delete(await uow.session.get_one(Shelf, (operator_id, shelf_id)))
        async with kit_database.transaction(operator_id) as uow:
            assert (await uow.session.get_one(Book, (operator_id, book_id))).shelf_id is None

    async def test_the_tenants_own_table_is_guarded_by_its_id(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async with kit_database.transaction(role="system") as uow:
            uow.session.add_all([Tenant(id=operator_id, name="me"), Tenant(id=new_id(), name="other")])
        async with kit_database.transaction(operator_id) as uow:
            assert [row.name for row in await uow.session.scalars(select(Tenant))] == ["me"]

    @pytest.mark.parametrize("role", ["system", "owner"])
    async def test_system_and_owner_see_every_operator(
        self, kit_database: Database, operator_id: UUID, role: str
    ) -> None:
        wanted = {await add_shelf(kit_database, operator_id), await add_shelf(kit_database, new_id())}
        async with kit_database.transaction(role=role) as uow:  # type: ignore[arg-type]
            found = await uow.session.scalars(select(Shelf.id).where(Shelf.id.in_(wanted)))
            assert set(found) == wanted


class TestPool:
    async def test_a_scope_does_not_leak_through_the_pool(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        await add_shelf(kit_database, operator_id)
        database = Database(kit_database.urls, pool_size=1, max_overflow=0)
        backends = set()
        for scope, expected in ((operator_id, 1), (None, 0), (operator_id, 1), (new_id(), 0)):
            async with database.transaction(scope) as uow:
                backends.add(await uow.session.scalar(text("SELECT pg_backend_pid()")))
                assert await uow.session.scalar(select(func.count()).select_from(Shelf)) == expected
        assert len(backends) == 1
        await database.close()

    async def test_a_partner_scope_does_not_leak_through_the_pool(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        await add_shelf(kit_database, operator_id)
        database = Database(kit_database.urls, pool_size=1, max_overflow=0)
        async with database.transaction(operator_id, partner_id=new_id()) as uow:
            assert await uow.session.scalar(select(func.count()).select_from(Shelf)) == 0
        async with database.transaction(operator_id) as uow:
            assert await uow.session.scalar(select(func.count()).select_from(Shelf)) == 1
        await database.close()


class TestPartnerPolicy:
    async def test_a_partner_sees_what_the_clause_admits(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        partner = new_id()
        mine = await add_shelf(kit_database, operator_id, partner_id=partner)
        await add_shelf(kit_database, operator_id, partner_id=new_id())
        await add_shelf(kit_database, operator_id)
        async with kit_database.transaction(operator_id, partner_id=partner) as uow:
            assert list(await uow.session.scalars(select(Shelf.id))) == [mine]

    async def test_a_partner_sees_nothing_of_a_table_without_a_clause(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Book(operator_id=operator_id))
        async with kit_database.transaction(operator_id, partner_id=new_id()) as uow:
            assert await uow.session.scalar(select(func.count()).select_from(Book)) == 0

    async def test_a_partner_cannot_write_beyond_its_scope(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async def attempt() -> None:
            async with kit_database.transaction(operator_id, partner_id=new_id()) as uow:
                uow.session.add(Shelf(operator_id=operator_id, name="x", partner_id=new_id()))

        with pytest.raises(Exception, match="row-level security"):
            await attempt()

    async def test_a_partner_without_an_operator_sees_nothing(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        partner = new_id()
        await add_shelf(kit_database, operator_id, partner_id=partner)
        async with kit_database.transaction(partner_id=partner) as uow:
            assert await uow.session.scalar(select(func.count()).select_from(Shelf)) == 0


class TestAppendOnly:
    @pytest.mark.parametrize("role", ["app", "system", "owner"])
    @pytest.mark.parametrize("statement", ["UPDATE sealed SET text = 'x'", "DELETE FROM sealed"])
    async def test_no_role_changes_a_sealed_row(
        self, kit_database: Database, operator_id: UUID, role: str, statement: str
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Sealed(operator_id=operator_id, text="truth"))
        error = await refused(kit_database, statement, role=role, operator_id=operator_id)
        # The owner has the privilege and meets the trigger; the others have not even that.
        assert isinstance(
            error, errors.IntegrityConstraintViolation if role == "owner" else errors.InsufficientPrivilege
        )

    async def test_a_null_may_be_filled_once(self, kit_database: Database, operator_id: UUID) -> None:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Sample(operator_id=operator_id, at=at, left=1))
        for statement in ('UPDATE sample SET "right" = 2', 'UPDATE sample SET "left" = 1, "right" = 2'):
            async with kit_database.transaction(operator_id) as uow:
                assert (await (await uow.connection()).execute(statement.encode())).rowcount == 1
        for statement in ('UPDATE sample SET "right" = 3', 'UPDATE sample SET "left" = NULL'):
            error = await refused(kit_database, statement, role="app", operator_id=operator_id)
            assert isinstance(error, errors.IntegrityConstraintViolation)

    @pytest.mark.parametrize(("role", "kind"), [
        ("system", errors.InsufficientPrivilege), ("owner", errors.IntegrityConstraintViolation)])  # fmt: skip
    async def test_a_filled_row_is_not_deleted(
        self, kit_database: Database, operator_id: UUID, role: str, kind: type[psycopg.Error]
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add(Sample(operator_id=operator_id, at=datetime(2026, 1, 1, tzinfo=UTC)))
        assert isinstance(await refused(kit_database, "DELETE FROM sample", role=role), kind)


class TestGrants:
    async def test_partitions_are_closed_to_both_roles(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        for role in ("app", "system"):
            error = await refused(
                kit_database, "SELECT * FROM sample_default", role=role, operator_id=operator_id
            )
            assert isinstance(error, errors.InsufficientPrivilege)

    async def test_a_table_without_tenant_is_closed_unless_it_says_otherwise(
        self, kit_database: Database
    ) -> None:
        assert isinstance(
            await refused(kit_database, "SELECT * FROM kit_secret", role="app"), errors.InsufficientPrivilege
        )
        async with kit_database.transaction(role="system") as uow:
            uow.session.add(Setting(value="x"))
        async with kit_database.transaction() as uow:
            assert await uow.session.scalar(select(func.count()).select_from(Setting)) == 1
        error = await refused(kit_database, "DELETE FROM kit_setting", role="app")
        assert isinstance(error, errors.InsufficientPrivilege)

    async def test_the_application_cannot_read_the_job_queue(self, kit_database: Database) -> None:
        error = await refused(kit_database, "SELECT args FROM procrastinate_jobs", role="app")
        assert isinstance(error, errors.InsufficientPrivilege)

    async def test_no_role_is_exempt(self, kit_database: Database) -> None:
        async with kit_database.transaction(role="owner") as uow:
            found = await uow.session.execute(
                text(
                    "SELECT rolname FROM pg_roles WHERE rolname LIKE 'fc%' AND NOT rolsuper AND NOT rolbypassrls"
                )
            )
            assert {row[0] for row in found} == {"fc_app", "fc_system", "fc_owner"}


class TestEveryTable:
    async def test_a_table_with_an_operator_has_forced_policies_for_three_roles(
        self, database: Database
    ) -> None:
        query = text("""
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                   (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'operator_id'
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace""")
        async with database.transaction(role="owner") as uow:
            tables = (await uow.session.execute(query)).all()
        assert tables
        assert [name for name, forced, policies in tables if not forced or policies != 3] == []
