"""Identity's lists come in the order that was asked for, page by page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from forecourt.kit.database import Database
from tests.api.harness import client_of, make_api, make_key, make_operator


async def everything(client: httpx.AsyncClient, path: str, sort: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await client.get(
            path, params={"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return found


NAMES = ("delta", "alpha", "charlie", "bravo", "echo")


class TestSorting:
    @pytest.mark.parametrize(
        ("path", "sorts"),
        [
            ("/users", ("created_at", "email", "name", "last_sign_in_at")),
            ("/api-keys", ("created_at", "name", "last_used_at", "expires_at")),
            ("/partners", ("created_at", "name")),
            ("/audit", ("at",)),
        ],
    )
    async def test_every_order_both_ways(self, database: Database, path: str, sorts: tuple[str, ...]) -> None:
        operator = await make_operator(database)
        async with client_of(make_api(database), await make_key(database, operator)) as client:
            for name in NAMES:
                user = {"email": f"{name}@example.org", "name": name, "role": "viewer"}
                assert (await client.post("/users", json=user)).status_code == 201
                assert (
                    await client.post("/partners", json={"name": name, "kind": "fleet"})
                ).status_code == 201
                key = {"name": name, "role": "viewer", "expires_at": f"2100-01-0{len(name) % 9}T00:00:00Z"}
                assert (await client.post("/api-keys", json=key)).status_code == 201
            for sort in sorts:
                rows = await everything(client, path, sort)
                assert len({row["id"] for row in rows}) == len(rows) >= len(NAMES)
                values = [row[sort] or "" for row in rows]
                assert values == sorted(values)
                downwards = await everything(client, path, f"-{sort}")
                assert [row["id"] for row in downwards] == [row["id"] for row in reversed(rows)]
            told = await client.get(path, params={"sort": sorts[0], "format": "csv"})
            assert len(told.text.splitlines()) == len(await everything(client, path, sorts[0])) + 1
