"""Many rows in one statement: what goes in comes out, and nothing is lost on the way."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from forecourt.kit.bulk import encode_columns, insert_rows, update_rows
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.outbox import OUTBOX_COLUMNS, outbox_row

from .models import Book

COLUMNS = ("operator_id", "id", "pages", "price", "lent", "at", "cover", "title", "notes")
NOON = datetime(2026, 6, 15, 12, 0, 0, 123456, tzinfo=UTC)


class Point(msgspec.Struct):
    x: int
    y: str


class Size(enum.IntEnum):
    BIG = 300


def book(operator_id: UUID, **values: Any) -> tuple[Any, ...]:
    return (operator_id, values.get("id") or new_id(), *(values.get(column) for column in COLUMNS[2:]))


async def stored(database: Database, operator_id: UUID, column: str) -> list[Any]:
    async with database.transaction(operator_id) as uow:
        return list(await uow.session.scalars(select(getattr(Book, column)).order_by(Book.id)))


class TestInsertRows:
    @pytest.mark.parametrize(
        ("column", "value", "expected"),
        [
            ("pages", 7, 7), ("pages", -(2**63), -(2**63)), ("pages", Size.BIG, 300), ("pages", None, None),
            ("price", Decimal("12345678901234567890.123456789"), Decimal("12345678901234567890.123456789")),
            ("price", Decimal("1E+3"), Decimal(1000)), ("price", 0.1, Decimal("0.1")), ("price", 3, Decimal(3)),
            ("lent", True, True), ("lent", False, False),
            ("at", NOON, NOON), ("at", NOON.astimezone(timezone(timedelta(hours=-3))), NOON),
            ("at", date(2026, 6, 15), datetime(2026, 6, 15, tzinfo=UTC)),
            ("cover", b"\x00\\\n\xff", b"\x00\\\n\xff"), ("cover", b"", b""),
            ("title", "a\tb\nc\rd\\e\\N", "a\tb\nc\rd\\e\\N"), ("title", "\\N", "\\N"), ("title", "", ""),
            ("title", "nul\0gone", "nulgone"), ("title", "\\.", "\\."), ("title", "ü€𝄞\x01", "ü€𝄞\x01"),
            ("title", "half \ud800", "half ?"),
            ("notes", {"a": [1, "x\ty\n\\"], "b": None}, {"a": [1, "x\ty\n\\"], "b": None}),
            ("notes", ["q\"uote", "\\u0000"], ["q\"uote", "\\u0000"]), ("notes", (1, 2), [1, 2]),
            ("notes", {"k\0": ["v\0", {"d": Decimal("1.50")}]}, {"k": ["v", {"d": "1.50"}]}),
            ("notes", Point(1, "p"), {"x": 1, "y": "p"}),
        ],
    )  # fmt: skip
    async def test_a_value_comes_out_as_it_went_in(
        self, kit_database: Database, operator_id: UUID, column: str, value: object, expected: object
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            rows = [book(operator_id, **{column: value})]
            assert await insert_rows(await uow.connection(), "book", COLUMNS, rows) == 1
        assert await stored(kit_database, operator_id, column) == [expected]

    @given(
        titles=st.lists(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
    )
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_any_text_comes_out_as_it_went_in(self, kit_database: Database, titles: list[str]) -> None:
        operator_id = new_id()
        async with kit_database.transaction(operator_id) as uow:
            rows = [book(operator_id, title=title) for title in titles]
            assert await insert_rows(await uow.connection(), "book", COLUMNS, rows) == len(titles)
        assert await stored(kit_database, operator_id, "title") == titles

    async def test_policies_hold(self, kit_database: Database, operator_id: UUID) -> None:
        async def attempt() -> None:
            async with kit_database.transaction(operator_id) as uow:
                await insert_rows(await uow.connection(), "book", COLUMNS, [book(new_id())])

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await attempt()

    async def test_several_calls_in_one_transaction_do_not_mix(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            connection = await uow.connection()
            for pages in (1, 2, 3):
                rows = [book(operator_id, pages=pages)] * 1
                assert await insert_rows(connection, "book", COLUMNS, rows) == 1
        assert await stored(kit_database, operator_id, "pages") == [1, 2, 3]

    async def test_a_conflict_clause_and_returning(self, kit_database: Database, operator_id: UUID) -> None:
        first, second = book(operator_id, pages=1), book(operator_id, pages=2)
        async with kit_database.transaction(operator_id) as uow:
            connection = await uow.connection()
            await insert_rows(connection, "book", COLUMNS, [first])
            inserted = await insert_rows(
                connection,
                "book",
                COLUMNS,
                [first, second],
                conflict="ON CONFLICT DO NOTHING",
                returning="id, pages",
            )
        assert inserted == [(second[1], 2)]

    async def test_no_rows_cost_nothing(self, kit_database: Database, operator_id: UUID) -> None:
        async with kit_database.transaction(operator_id) as uow:
            connection = await uow.connection()
            assert await insert_rows(connection, "book", COLUMNS, []) == 0
            assert await insert_rows(connection, "book", COLUMNS, iter(()), returning="id") == []
            assert await update_rows(connection, "book", ("id",), ("pages",), []) == 0

    async def test_outlives_rolled_back_transactions_and_savepoints(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        """The temporary table goes with the transaction that made it; the next call must notice."""
        connection = await kit_database.system_connection()

        async def write(*, fail: bool) -> None:
            async with connection.transaction(force_rollback=fail):
                await insert_rows(connection, "book", COLUMNS, [book(operator_id)])

        written = 0
        for fail in (True, True, False, False, True, False):
            await write(fail=fail)
            written += not fail
        async with connection.transaction():
            for fail in (True, False, True, False):
                await write(fail=fail)
                written += not fail
        await connection.close()
        assert len(await stored(kit_database, operator_id, "id")) == written

        connection = await kit_database.system_connection()
        async with connection.transaction():
            for fail in (True, False):
                await write(fail=fail)
        await write(fail=False)
        await connection.close()
        assert len(await stored(kit_database, operator_id, "id")) == written + 2

    async def test_outlives_a_data_error(self, kit_database: Database, operator_id: UUID) -> None:
        connection = await kit_database.system_connection()

        async def write(pages: object) -> None:
            async with connection.transaction():
                await insert_rows(connection, "book", COLUMNS, [book(operator_id, pages=pages)])

        for good in (False, True, False, True):
            if good:
                await write(1)
            else:
                with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                    await write("many")
        await connection.close()
        assert await stored(kit_database, operator_id, "pages") == [1, 1]

    async def test_many_rows_go_in_pieces(self, kit_database: Database, operator_id: UUID) -> None:
        async with kit_database.transaction(operator_id) as uow:
            rows = [book(operator_id, pages=number) for number in range(12_001)]
            assert await insert_rows(await uow.connection(), "book", COLUMNS, rows) == 12_001
            total = await uow.session.scalar(select(func.sum(Book.pages)))
        assert total == 12_001 * 12_000 // 2

    async def test_outbox_rows_can_be_copied(self, kit_database: Database, operator_id: UUID) -> None:
        row = outbox_row(
            operator_id, "a.b", subject_id=new_id(), subject_revision=None, at=NOON, data={"x": 1}
        )
        async with kit_database.transaction(operator_id) as uow:
            assert await insert_rows(await uow.connection(), "outbox_event", OUTBOX_COLUMNS, [row]) == 1


class TestUpdateRows:
    async def test_sets_columns_by_key(self, kit_database: Database, operator_id: UUID) -> None:
        rows = [book(operator_id, pages=number, title="old") for number in range(3)]
        async with kit_database.transaction(operator_id) as uow:
            connection = await uow.connection()
            await insert_rows(connection, "book", COLUMNS, rows)
            changes = [(operator_id, row[1], row[2] * 10, "new") for row in rows[1:]]
            changes.append((operator_id, new_id(), 99, "nobody"))
            assert (
                await update_rows(connection, "book", ("operator_id", "id"), ("pages", "title"), changes) == 2
            )
        assert await stored(kit_database, operator_id, "pages") == [0, 10, 20]
        assert await stored(kit_database, operator_id, "title") == ["old", "new", "new"]

    async def test_a_condition_may_fence(self, kit_database: Database, operator_id: UUID) -> None:
        rows = [book(operator_id, pages=5), book(operator_id, pages=50)]
        async with kit_database.transaction(operator_id) as uow:
            connection = await uow.connection()
            await insert_rows(connection, "book", COLUMNS, rows)
            changes = [(row[1], 10) for row in rows]
            where = "target.pages < new.pages"
            assert await update_rows(connection, "book", ("id",), ("pages",), changes, where=where) == 1
        assert await stored(kit_database, operator_id, "pages") == [10, 50]


class TestEncodeRows:
    def test_refuses_what_has_no_encoding(self) -> None:
        with pytest.raises(TypeError, match="complex"):
            encode_columns([(1j,)])

    def test_refuses_naive_datetimes(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            encode_columns([(datetime(2026, 1, 1),)])  # noqa: DTZ001
