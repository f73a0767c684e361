"""The shape of tables made from annotations."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from forecourt.kit.columns import tenant_fk

from .models import Book, Shelf


def ddl(model: type) -> str:
    table = model.__table__  # type: ignore[attr-defined]
    return " ".join(str(CreateTable(table).compile(dialect=postgresql.dialect())).split())  # type: ignore[no-untyped-call]


class TestAnnotations:
    def test_choose_the_column_types(self) -> None:
        text = ddl(Book)
        for column in (
            "operator_id UUID NOT NULL", "pages BIGINT,", "price NUMERIC,", "lent BOOLEAN,",
            "at TIMESTAMP WITH TIME ZONE,", "cover BYTEA,", "title TEXT,", "notes JSONB,",
        ):  # fmt: skip
            assert column in text
        assert "colour VARCHAR(64) NOT NULL" in ddl(Shelf)

    def test_the_tenant_leads_the_key_and_everything_has_a_name(self) -> None:
        assert "operator_id UUID NOT NULL, id UUID NOT NULL, name TEXT" in ddl(Shelf)
        assert "CONSTRAINT pk_shelf PRIMARY KEY (operator_id, id)" in ddl(Shelf)
        assert "revision BIGINT DEFAULT '1' NOT NULL, created_at" in ddl(Shelf)


class TestTenantFk:
    def test_is_composite_and_nulls_its_own_column_only(self) -> None:
        assert (
            "CONSTRAINT fk_book_operator_id_shelf_id FOREIGN KEY(operator_id, shelf_id)"
            " REFERENCES shelf (operator_id, id) ON DELETE SET NULL (shelf_id)" in ddl(Book)
        )

    def test_may_refer_to_a_natural_key(self) -> None:
        key = tenant_fk("a", "b", target="shelf", remote_columns=("x", "y"), ondelete="CASCADE")
        assert list(key.column_keys) == ["operator_id", "a", "b"]
        assert [element.target_fullname for element in key.elements] == [
            "shelf.operator_id",
            "shelf.x",
            "shelf.y",
        ]

    def test_refuses_sides_of_different_length(self) -> None:
        with pytest.raises(ValueError, match="shelf"):
            tenant_fk("a", "b", target="shelf")
