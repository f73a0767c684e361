"""Pages: every row once, whatever the order and whatever comes and goes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, delete, select

from forecourt.kit.database import Database
from forecourt.kit.errors import Invalid
from forecourt.kit.ids import new_id
from forecourt.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor, keyset, page_of

from .models import Book

VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**53), 2**53), st.booleans(), st.uuids(),
    st.datetimes(timezones=st.just(UTC)), st.dates(), st.decimals(allow_nan=False, allow_infinity=False),
)  # fmt: skip


async def pages(
    database: Database, operator_id: UUID, columns: list[ColumnElement[Any]], limit: int, names: list[str]
) -> list[list[UUID]]:
    found: list[list[UUID]] = []
    cursor: str | None = None
    while True:
        async with database.transaction(operator_id) as uow:
            rows = list(await uow.session.scalars(keyset(select(Book), columns, cursor, limit)))
        kept, cursor = page_of(rows, limit, lambda row: [getattr(row, name) for name in names])
        found.append([row.id for row in kept])
        if cursor is None:
            return found


class TestCursor:
    @given(st.lists(VALUES))
    def test_comes_back_with_its_types(self, values: list[Any]) -> None:
        cursor = encode_cursor(values)
        assert decode_cursor(cursor) == values
        assert [type(value) for value in decode_cursor(cursor)] == [type(value) for value in values]
        assert "=" not in cursor

    @pytest.mark.parametrize(
        "cursor", ["x", "!!", "bm9uc2Vuc2U", encode_cursor([1])[:-2], "W1sieiIsMV1d", "é"]
    )
    def test_refuses_what_it_did_not_make(self, cursor: str) -> None:
        with pytest.raises(InvalidCursor):
            decode_cursor(cursor)


class TestKeyset:
    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
    async def test_yields_every_row_once_in_order(
        self, kit_database: Database, operator_id: UUID, limit: int
    ) -> None:
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add_all([Book(operator_id=operator_id, id=new_id(), pages=n % 3) for n in range(7)])
        async with kit_database.transaction(operator_id) as uow:
            expected = list(await uow.session.scalars(select(Book.id).order_by(Book.pages.desc(), Book.id)))
        found = await pages(
            kit_database, operator_id, [Book.pages.desc(), Book.id.asc()], limit, ["pages", "id"]
        )
        assert [row for page in found for row in page] == expected
        assert all(len(page) == limit for page in found[:-1])

    async def test_a_deleted_row_does_not_shift_the_next_page(
        self, kit_database: Database, operator_id: UUID
    ) -> None:
        ids = [new_id() for _ in range(4)]
        async with kit_database.transaction(operator_id) as uow:
            uow.session.add_all([Book(operator_id=operator_id, id=row) for row in ids])
        async with kit_database.transaction(operator_id) as uow:
            rows = list(await uow.session.scalars(keyset(select(Book), [Book.id.expression], None, 2)))
            _, cursor = page_of(rows, 2, lambda row: [row.id])
            await uow.session.execute(delete(Book).where(Book.id.in_(ids[:2])))
            rows = list(await uow.session.scalars(keyset(select(Book), [Book.id.expression], cursor, 2)))
        assert [row.id for row in rows] == ids[2:]

    @pytest.mark.parametrize("limit", [0, -1, 501])
    def test_refuses_a_limit_out_of_range(self, limit: int) -> None:
        with pytest.raises(Invalid):
            keyset(select(Book), [Book.id.expression], None, limit)

    def test_refuses_a_cursor_of_another_order(self) -> None:
        for cursor in (encode_cursor([1, 2]), encode_cursor(["not a uuid"])):
            with pytest.raises(InvalidCursor):
                keyset(select(Book), [Book.id.expression], cursor, 10)


class TestPage:
    def test_is_what_the_api_answers(self) -> None:
        page = Page[int](
            items=[1], next_cursor=encode_cursor([1, date(2026, 1, 1), Decimal("1.50"), datetime.now(UTC)])
        )
        assert set(page.model_dump()) == {"items", "next_cursor"}
        assert Page[int](items=[]).next_cursor is None
