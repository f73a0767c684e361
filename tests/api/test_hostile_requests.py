"""What no client should send: a clear refusal with a stable code, never an internal error."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from forecourt.kit.database import Database
from forecourt.kit.paging import encode_cursor
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def api(database: Database) -> FastAPI:
    return make_api(database, routers=all_routers())


@pytest.fixture
async def key(database: Database) -> str:
    return await make_key(database, await make_operator(database))


class TestBodies:
    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"{", 422, "InvalidRequest"),
            (b'{"name": "\xff\xfe"}', 400, "BodyUnreadable"),
            (b"[" * 100_000, 400, "BodyUnreadable"),
            (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400, "BodyUnreadable"),
            (b'{"name": ' + b"9" * 5_000 + b"}", 400, "BodyUnreadable"),
            (b'{"name": "a\\u0000b", "code": "c"}', 422, "Invalid"),
            (b'{"name": "a", "code": "\\ud800"}', 422, None),
            (b'{"name": NaN, "code": "c"}', 422, "InvalidRequest"),
            (b"null", 422, "InvalidRequest"),
            (b"", 422, "InvalidRequest"),
        ],
    )
    async def test_what_is_no_json_or_no_text(
        self, api: FastAPI, key: str, content: bytes, status: int, code: str | None
    ) -> None:
        async with client_of(api, key) as client:
            response = await client.post("/token-groups", content=content, headers=JSON)
        assert response.status_code == status, response.text
        assert response.headers["Content-Type"] == "application/problem+json"
        assert code in {None, response.json()["code"]}

    @pytest.mark.parametrize(
        "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json", ""]
    )
    async def test_another_media_type_is_415_and_changes_nothing(
        self, api: FastAPI, key: str, media_type: str
    ) -> None:
        headers = {"Content-Type": media_type} if media_type else {}
        async with client_of(api, key) as client:
            response = await client.post(
                "/token-groups", content=b'{"name": "A", "code": "a"}', headers=headers
            )
            assert (response.status_code, response.json()["code"]) == (415, "UnsupportedMediaType")
            assert (await client.get("/token-groups")).json()["items"] == []

    @pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8"])
    async def test_json_is_taken_however_it_is_spelt(self, api: FastAPI, key: str, media_type: str) -> None:
        async with client_of(api, key) as client:
            response = await client.post(
                "/token-groups",
                content=b'{"name": "A", "code": "a"}',
                headers={"Content-Type": media_type},
            )
        assert response.status_code == 201


class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            "/audit?at_from=0001-01-01T00:00:00%2B14:00",
            "/audit?at_to=9999-12-31T23:59:59-14:00",
            "/sessions?from=0001-01-01T00:00:00%2B14:00",
            "/sessions?from=2026-01-01T00:00:00",
            "/sessions?from=soon",
            "/stations?cursor=abc",
            "/stations?cursor=%00",
            f"/stations?cursor={encode_cursor([1, 2, 3])}",
            f"/users?cursor={encode_cursor(['x'])}",
            "/stations?limit=0",
            "/stations?limit=501",
            "/stations?sort=nope",
            "/stations?sort=--identity",
            "/users?sort=password_hash",
            "/stations?q=%00",
            "/stations/%00",
            "/stations/sta_zzzz",
            "/stations?format=xml",
        ],
    )
    async def test_what_cannot_be_is_422(self, api: FastAPI, key: str, query: str) -> None:
        async with client_of(api, key) as client:
            response = await client.get(query)
        assert response.status_code == 422, response.text
        assert response.json()["code"]

    async def test_a_cursor_of_another_tenant_shows_nothing_of_it(
        self, api: FastAPI, key: str, database: Database
    ) -> None:
        other = await make_key(database, await make_operator(database))
        async with client_of(api, key) as mine, client_of(api, other) as theirs:
            for code in ("a", "b", "c"):
                await mine.post("/token-groups", json={"name": code, "code": code})
            cursor = (await mine.get("/token-groups?limit=1")).json()["next_cursor"]
            assert cursor
            assert (await theirs.get(f"/token-groups?cursor={cursor}")).json()["items"] == []

    async def test_an_invented_method_is_405_and_no_series_of_its_own(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            assert (await client.request("BREW", "/stations")).status_code == 405
            client.base_url = "http://test"
            assert "BREW" not in (await client.get("/metrics")).text


class TestCredentials:
    @pytest.mark.parametrize(
        "header",
        [b"Basic xxx", b"Bearer", b"Bearer ", b"Bearer \xff\xfe", b"Bearer fck_" + b"x" * 8000, b"fck_a_b"],
    )
    async def test_nonsense_is_401(self, api: FastAPI, header: bytes) -> None:
        async with client_of(api) as client:
            response = await client.get("/me", headers={b"Authorization": header})
        assert response.status_code == 401
        assert response.json()["code"] in {"KeyRefused", "SignInRequired"}

    async def test_a_cookie_of_nonsense_is_401(self, api: FastAPI) -> None:
        async with client_of(api) as client:
            response = await client.get("/me", headers={b"Cookie": b"forecourt_session=%00\xe9"})
        assert response.status_code == 401
