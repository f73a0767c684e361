"""The system page: what an operator may know of the installation, and failed jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from forecourt.identity.permissions import Role
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.kit.jobs import Jobs
from tests.api.harness import (
    Probe,
    all_routers,
    client_of,
    make_api,
    make_key,
    make_operator,
    make_user,
    sign_in,
)


@asynccontextmanager
async def caller(
    database: Database, operator_id: UUID, home: str = "nobody"
) -> AsyncIterator[httpx.AsyncClient]:
    api = make_api(database, routers=all_routers(), extra_state={"system_probe": Probe(home)})
    async with client_of(api, await make_key(database, operator_id)) as client:
        yield client


async def fail_jobs(database: Database, *args: dict[str, Any]) -> list[int]:
    """Jobs that ran and raised, as the worker leaves them."""
    jobs = Jobs(database.urls.system)

    @jobs.task("test.fails")
    async def fails(operator_id: UUID | None = None, **_: Any) -> None:
        raise ValueError("the bridge is closed")

    ids = []
    async with database.transaction(role="system") as uow:
        for given in args:
            ids.append(await uow.enqueue("test.fails", **given))
    await jobs.run_until_idle()
    await jobs.stop()
    return [id_ for id_ in ids if id_ is not None]


async def status(database: Database, job_id: int) -> str | None:
    async with database.transaction(role="system") as uow:
        query = text("SELECT status::text FROM jobs.procrastinate_jobs WHERE id = :id")
        found: str | None = await uow.session.scalar(query, {"id": job_id})
        return found


class TestHealth:
    async def test_its_own_operator_sees_the_installation(self, empty_database: Database) -> None:
        own = await make_operator(empty_database, "cpo")
        async with caller(empty_database, own, home="cpo") as client:
            response = await client.get("/system")
        assert response.status_code == 200, response.text
        shown = response.json()
        assert shown["scope"] == "installation"
        assert shown["database"]["size_bytes"] > 1_000_000
        assert shown["database"]["connections"] >= 1
        assert shown["gateways"]["nodes"] == []
        assert shown["outbox"]["position"] is not None
        assert int(shown["versions"]["postgresql"].split(".")[0]) >= 16
        tables = {part["table"]: part for part in shown["partitions"]}
        assert {"message_log", "meter_reading"} <= tables.keys()

    async def test_what_is_wrong_is_told(self, empty_database: Database) -> None:
        """The tests' server runs without fsync, without a worker, without mail."""
        own = await make_operator(empty_database, "cpo")
        await fail_jobs(empty_database, {"operator_id": own})
        async with caller(empty_database, own, home="cpo") as client:
            checks = {check["code"]: check for check in (await client.get("/system")).json()["checks"]}
        assert "fsync" in checks["durability_off"]["params"]["settings"]
        assert checks["jobs_failed"]["params"] == {"count": 1}
        assert {"mail_off", "partitions_short"} <= checks.keys()

    async def test_another_operator_learns_nothing_of_others(self, empty_database: Database) -> None:
        own = await make_operator(empty_database)
        async with caller(empty_database, own, home="cpo") as client:
            before = (await client.get("/system")).json()
            other = await make_operator(empty_database, "cpo")
            await fail_jobs(empty_database, {"operator_id": other}, {})
            async with empty_database.transaction(other) as uow:
                uow.record("a.b", subject_id=new_id(), subject_revision=1, data={})
            after = (await client.get("/system")).json()
        for name in ("size_bytes", "connections", "max_connections", "replicas"):
            assert after["database"][name] is None
        assert after["gateways"]["nodes"] is None
        assert after["scope"] == "operator"
        for part in ("gateways", "partitions", "telling"):
            assert after[part] == before[part]
        # How long its own facts wait grows by itself.
        assert after["outbox"]["unsequenced"] == before["outbox"]["unsequenced"]
        assert after["outbox"]["position"] is None
        assert after["jobs"]["queues"] == before["jobs"]["queues"] == []

    @pytest.mark.parametrize(
        ("role", "code"), [(Role.OWNER, 200), (Role.ADMIN, 200), (Role.OPERATIONS, 403), (Role.VIEWER, 403)]
    )
    async def test_owners_and_admins_only(self, database: Database, role: Role, code: int) -> None:
        operator_id = await make_operator(database)
        email = await make_user(database, operator_id, role=role)
        async with client_of(make_api(database, routers=all_routers())) as client:
            await sign_in(client, email)
            assert (await client.get("/system")).status_code == code
            assert (await client.get("/system/jobs")).status_code == code


class TestJobs:
    async def test_a_failed_job_says_why_and_can_be_tried_again(self, empty_database: Database) -> None:
        own = await make_operator(empty_database)
        (job,) = await fail_jobs(empty_database, {"operator_id": own, "thing": "7"})
        async with caller(empty_database, own) as client:
            (shown,) = (await client.get("/system/jobs")).json()["items"]
            assert (shown["id"], shown["task"], shown["args"]) == (job, "test.fails", {"thing": "7"})
            assert shown["error"] == "ValueError: the bridge is closed"
            assert (await client.post(f"/system/jobs/{job}/retry")).json() == {"id": job, "state": "waiting"}
            assert await status(empty_database, job) == "todo"
            again = await client.post(f"/system/jobs/{job}/retry")
            assert (again.status_code, again.json()["code"]) == (409, "JobNotFailed")
            trail = (await client.get("/audit", params={"action": "job.retried"})).json()["items"]
            assert trail[0]["before"]["task"] == "test.fails"

    async def test_a_discarded_job_is_gone(self, empty_database: Database) -> None:
        own = await make_operator(empty_database)
        (job,) = await fail_jobs(empty_database, {"operator_id": own})
        async with caller(empty_database, own) as client:
            assert (await client.post(f"/system/jobs/{job}/discard")).status_code == 200
            assert await status(empty_database, job) is None
            assert (await client.post(f"/system/jobs/{job}/discard")).status_code == 404

    async def test_each_sees_and_touches_its_own(self, empty_database: Database) -> None:
        own, other = await make_operator(empty_database, "cpo"), await make_operator(empty_database)
        mine, theirs, nobodys = await fail_jobs(
            empty_database, {"operator_id": own}, {"operator_id": other}, {}
        )
        for operator_id, home, visible in (
            (own, "cpo", [nobodys, mine]), (own, "nobody", [mine]), (other, "cpo", [theirs]),
        ):  # fmt: skip
            async with caller(empty_database, operator_id, home) as client:
                items = (await client.get("/system/jobs")).json()["items"]
                assert [item["id"] for item in items] == visible
                hidden = ({mine, theirs, nobodys} - set(visible)).pop()
                assert (await client.post(f"/system/jobs/{hidden}/discard")).status_code == 404
                assert await status(empty_database, hidden) == "failed"

    async def test_pages(self, empty_database: Database) -> None:
        own = await make_operator(empty_database)
        jobs = await fail_jobs(empty_database, *({"operator_id": own} for _ in range(5)))
        found: list[int] = []
        cursor: str | None = None
        async with caller(empty_database, own) as client:
            while True:
                params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
                page = (await client.get("/system/jobs", params=params)).json()
                found += [item["id"] for item in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
        assert found == jobs[::-1]
