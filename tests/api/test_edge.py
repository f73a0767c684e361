"""The edge of a request: commit before the answer, idempotency, size limit, problems."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel
from sqlalchemy import select, text

from forecourt.api.idempotency import forget_old_keys
from forecourt.api.openapi import EndpointWithoutAccess
from forecourt.identity.access import commit_early, operator_of, require
from forecourt.identity.manage_partners import create_partner
from forecourt.identity.models import Partner
from forecourt.kit.database import Database, UnitOfWork
from forecourt.kit.errors import Conflict
from forecourt.kit.health import Health
from forecourt.kit.ids import new_id
from tests.api.harness import client_of, make_api, make_key, make_operator

Access = Annotated[UnitOfWork, Depends(require("partners:write"))]


class Body(BaseModel):
    """What the test endpoints take."""

    name: str = ""


def _router() -> APIRouter:
    router = APIRouter(prefix="/probe")

    @router.post("/partner", status_code=201)
    async def post_partner(uow: Access, body: Body) -> dict[str, str]:
        partner = await create_partner(uow, name=body.name, kind="fleet")
        return {"id": str(partner.id)}

    @router.post("/fails")
    async def post_fails(uow: Access, body: Body) -> None:
        await create_partner(uow, name=body.name, kind="fleet")
        raise Conflict("after writing", reason="test")

    @router.post("/breaks")
    async def post_breaks(uow: Access, body: Body) -> None:
        await create_partner(uow, name=body.name, kind="fleet")
        raise ZeroDivisionError("the secret reason")

    @router.post("/late-failure")
    async def post_late_failure(uow: Access) -> dict[str, str]:
        # A deferred constraint fails at the commit, when the endpoint has answered already.
        await uow.session.execute(
            text("CREATE TEMP TABLE late (x int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
        )
        await uow.session.execute(text("INSERT INTO late VALUES (1), (1)"))
        return {"status": "all is well"}

    @router.post("/stale")
    async def post_stale(request: Request, uow: Access, body: Body) -> dict[str, str]:
        partner = (await uow.session.scalars(select(Partner))).one()
        async with request.app.state.database.transaction(operator_of(uow)) as other:
            await other.session.execute(text("UPDATE partner SET revision = revision + 1"))
        partner.name = body.name
        return {"status": "all is well"}

    @router.post("/early")
    async def post_early(request: Request, uow: Access, body: Body) -> dict[str, str]:
        partner = await create_partner(uow, name=body.name, kind="fleet")
        await commit_early(request)
        async with request.app.state.database.transaction(operator_of(uow)) as reader:
            found = await reader.session.scalar(
                text("SELECT name FROM partner WHERE id = :id"), {"id": partner.id}
            )
        return {"committed": str(found)}

    @router.post("/secret")
    async def post_secret(uow: Access, response: Response) -> dict[str, str]:
        response.headers["Cache-Control"] = "no-store"
        return {"secret": new_id().hex}

    return router


@pytest.fixture
async def api(database: Database) -> FastAPI:
    return make_api(database, routers=[_router()], max_body_bytes=10_000)


@pytest.fixture
async def key(database: Database) -> str:
    return await make_key(database, await make_operator(database))


class TestTransaction:
    async def test_what_an_answer_tells_is_committed(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            await client.post("/probe/partner", json={"name": "kept"})
            assert [p["name"] for p in (await client.get("/partners")).json()["items"]] == ["kept"]

    @pytest.mark.parametrize(("path", "status"), [("fails", 409), ("breaks", 500)])
    async def test_an_error_takes_everything_back(
        self, api: FastAPI, key: str, path: str, status: int
    ) -> None:
        async with client_of(api, key) as client:
            assert (await client.post(f"/probe/{path}", json={"name": "gone"})).status_code == status
            assert (await client.get("/partners")).json()["items"] == []

    async def test_a_commit_that_fails_is_not_told_as_success(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            response = await client.post("/probe/late-failure")
        assert response.status_code == 409
        assert "all is well" not in response.text

    async def test_a_lost_update_is_a_conflict(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            await client.post("/probe/partner", json={"name": "first"})
            response = await client.post("/probe/stale", json={"name": "second"})
            assert response.status_code == 409
            assert response.json()["code"] == "StaleRow"
            assert response.headers["X-Request-Id"] == response.json()["request_id"]
            assert [p["name"] for p in (await client.get("/partners")).json()["items"]] == ["first"]

    async def test_it_may_be_committed_early(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "early"}
            first = await client.post("/probe/early", json={"name": "early"}, headers=headers)
            assert first.json() == {"committed": "early"}
            again = await client.post("/probe/early", json={"name": "early"}, headers=headers)
            assert again.json() == first.json()
            assert again.headers["Idempotent-Replayed"] == "true"

    async def test_no_connection_is_left_open(self, api: FastAPI, key: str, database: Database) -> None:
        async with client_of(api, key) as client:
            for path in ("partner", "fails", "breaks", "late-failure") * 4:
                await client.post(f"/probe/{path}", json={"name": new_id().hex})
            await client.get("/audit", params={"format": "csv"})
        assert database.engine("app").pool.checkedout() == 0  # type: ignore[attr-defined]
        assert database.engine("system").pool.checkedout() == 0  # type: ignore[attr-defined]


class TestIdempotencyKey:
    async def test_a_repeat_is_answered_the_same_and_done_once(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "one"}
            first = await client.post("/probe/partner", json={"name": "once"}, headers=headers)
            again = await client.post("/probe/partner", json={"name": "once"}, headers=headers)
            assert (first.status_code, first.json()) == (again.status_code, again.json())
            assert "Idempotent-Replayed" not in first.headers
            assert again.headers["Idempotent-Replayed"] == "true"
            assert len((await client.get("/partners")).json()["items"]) == 1

    async def test_repeats_at_the_same_time_are_done_once(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "many"}
            answers = await asyncio.gather(
                *(client.post("/probe/partner", json={"name": "once"}, headers=headers) for _ in range(4))
            )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1

    async def test_another_body_or_path_is_refused(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "k"}
            await client.post("/probe/partner", json={"name": "a"}, headers=headers)
            for path, name in (("/probe/partner", "b"), ("/partners", "a")):
                response = await client.post(path, json={"name": name, "kind": "fleet"}, headers=headers)
                assert response.status_code == 422
                assert response.json()["code"] == "IdempotencyKeyReused"

    async def test_a_failure_leaves_the_key_free(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "retry"}
            assert (await client.post("/probe/fails", json={}, headers=headers)).status_code == 409
            response = await client.post("/probe/partner", json={"name": "then"}, headers=headers)
            assert response.status_code == 201

    async def test_keys_belong_to_their_caller(self, api: FastAPI, key: str, database: Database) -> None:
        other = await make_key(database, await make_operator(database))
        ids = set()
        for caller in (key, other):
            async with client_of(api, caller) as client:
                response = await client.post(
                    "/probe/partner", json={"name": "mine"}, headers={"Idempotency-Key": "same"}
                )
                ids.add(response.json()["id"])
        assert len(ids) == 2

    async def test_a_secret_is_not_kept(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "secret"}
            assert (await client.post("/probe/secret", headers=headers)).status_code == 200
            again = await client.post("/probe/secret", headers=headers)
        assert again.status_code == 409
        assert again.json()["code"] == "AnswerNotKept"

    async def test_keys_are_forgotten_after_a_day(self, api: FastAPI, key: str, database: Database) -> None:
        async with client_of(api, key) as client:
            headers = {"Idempotency-Key": "old"}
            await client.post("/probe/partner", json={"name": "a"}, headers=headers)
            async with database.transaction(role="system") as uow:
                await uow.session.execute(
                    text(
                        "UPDATE idempotency_key SET created_at = created_at - interval '25 h' WHERE key = 'old'"
                    )
                )
            response = await client.post("/probe/partner", json={"name": "b"}, headers=headers)
            assert response.status_code == 201
            async with database.transaction(role="system") as uow:
                await uow.session.execute(
                    text(
                        "UPDATE idempotency_key SET created_at = created_at - interval '25 h' WHERE key = 'old'"
                    )
                )
        assert await forget_old_keys(database) >= 1


class TestProblems:
    async def test_an_error_of_ours_has_code_params_and_request_id(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            response = await client.post("/probe/fails", json={}, headers={"X-Request-Id": "trace-1"})
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["X-Request-Id"] == "trace-1"
        problem = response.json()
        assert problem["code"] == "Conflict"
        assert problem["status"] == 409
        assert problem["params"] == {"reason": "test"}
        assert problem["request_id"] == "trace-1"

    async def test_an_unexpected_error_tells_nothing_of_us(self, api: FastAPI, key: str) -> None:
        async with client_of(api, key) as client:
            response = await client.post("/probe/breaks", json={"name": "x"})
        assert response.json()["code"] == "InternalError"
        assert "secret reason" not in response.text
        assert "Traceback" not in response.text
        assert response.json()["request_id"] == response.headers["X-Request-Id"]

    async def test_validation_names_the_field_and_not_the_value(self, api: FastAPI) -> None:
        async with client_of(api) as client:
            response = await client.post("/sign-in", json={"email": "a@b", "password": ["hunter2hunter2"]})
        assert response.status_code == 422
        assert response.json()["code"] == "InvalidRequest"
        assert response.json()["errors"][0]["location"] == ["body", "password"]
        assert "hunter2" not in response.text

    @pytest.mark.parametrize("name", ["a\\u0000b", "\\ud800"])
    async def test_text_that_cannot_be_stored_is_the_callers_fault(
        self, api: FastAPI, key: str, name: str
    ) -> None:
        body = f'{{"name": "{name}", "kind": "fleet"}}'
        async with client_of(api, key, timeout=10) as client:
            response = await client.post(
                "/partners", content=body, headers={"Content-Type": "application/json"}
            )
            assert response.status_code == 422, response.text
            assert (await client.get("/users", params={"search": "\x00"})).status_code == 422
            assert (await client.get("/users/usr_%00")).status_code == 422

    async def test_an_unknown_path_and_method_are_problems_too(self, api: FastAPI) -> None:
        async with client_of(api) as client:
            assert (await client.get("/nowhere")).json()["code"] == "NotFound"
            assert (await client.delete("/me")).json()["code"] == "MethodNotAllowed"

    async def test_a_body_that_is_no_json_is_a_problem(self, api: FastAPI) -> None:
        async with client_of(api) as client:
            response = await client.post(
                "/sign-in", content="{", headers={"Content-Type": "application/json"}
            )
        assert response.status_code == 422
        assert response.json()["code"] == "InvalidRequest"

    @pytest.mark.parametrize("chunked", [False, True])
    async def test_a_large_body_is_refused(self, api: FastAPI, chunked: bool) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b" " * 1000

        async with client_of(api) as client:
            response = await client.post(
                "/sign-in",
                content=chunks() if chunked else b" " * 20_000,
                headers={"Content-Type": "application/json"},
            )
        assert response.status_code == 413
        assert response.json()["code"] == "BodyTooLarge"


class TestAssembly:
    async def test_a_route_without_access_is_not_mounted(self, database: Database) -> None:
        router = APIRouter()

        @router.get("/open-door")
        async def get_open_door() -> None:
            return None

        with pytest.raises(EndpointWithoutAccess, match="open-door"):
            make_api(database, routers=[router])

    async def test_the_document_names_permissions_problems_and_codes(self, api: FastAPI) -> None:
        async with client_of(api) as client:
            document = (await client.get("/openapi.json")).json()
            docs = await client.get("/docs")
        assert docs.status_code == 200
        assert "http" not in docs.text  # nothing is loaded from elsewhere
        operation = document["paths"]["/api/v1/users"]["post"]
        assert operation["x-permission"] == "users:write"
        assert operation["responses"]["403"] == {"$ref": "#/components/responses/Problem403"}
        assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
        assert {tuple(item) for item in operation["security"]} == {("apiKey",), ("session",)}
        codes = {entry["code"]: entry["status"] for entry in document["x-error-codes"]}
        assert codes["EmailTaken"] == 409
        assert "HTTPValidationError" not in document["components"]["schemas"]

    async def test_health_readiness_and_metrics(self, database: Database, key: str) -> None:
        health = Health()
        health.add("database", database.ping)
        api = make_api(database, health=health)
        async with client_of(api, key) as client:
            await client.get("/me")
            client.base_url = "http://test"
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            assert (await client.get("/readyz")).json() == {"status": "ready", "checks": {"database": "ok"}}
            health.report("gateway", "the address of a secret host")
            refused = await client.get("/readyz")
            assert refused.status_code == 503
            assert refused.json()["checks"]["gateway"] == "failed"
            assert "secret host" not in refused.text
            metrics = (await client.get("/metrics")).text
        assert (
            'forecourt_http_request_seconds_count{method="GET",route="/api/v1/me",status="200"} 1.0'
            in metrics
        )
