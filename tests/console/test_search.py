"""Finding things by their names, and not finding what one may not see."""

from __future__ import annotations

from forecourt.charging.models import IdToken
from forecourt.console.endpoints import router
from forecourt.kit.database import Database
from tests.api.harness import client_of, make_api, make_key, make_operator

VALUE = "04A1B2C3D4E5F6"


class TestTokens:
    async def test_only_who_may_copy_a_card_sees_and_finds_its_value(self, database: Database) -> None:
        operator_id = await make_operator(database)
        async with database.transaction(operator_id) as uow:
            uow.session.add(
                IdToken(
                    operator_id=operator_id,
                    value=VALUE,
                    value_key=VALUE.lower(),
                    type="rfid",
                    visual_number="V-77",
                )
            )
        app = make_api(database, routers=[router])
        keys = {
            "reader": await make_key(database, operator_id, permissions=("tokens:read",)),
            "writer": await make_key(database, operator_id, permissions=("tokens:read", "tokens:write")),
        }

        async def titles(who: str, words: str) -> list[str]:
            async with client_of(app, keys[who]) as client:
                answer = await client.get("/search", params={"q": words, "kind": "token"})
                return [hit["title"] for hit in answer.json()["items"]]

        assert await titles("writer", "A1B2") == [VALUE]
        assert await titles("reader", "A1B2") == []
        assert await titles("reader", "V-77") == ["••••E5F6"]
