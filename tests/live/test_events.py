"""The event stream over a real socket: resume, live values, isolation, end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id, new_id
from forecourt.kit.outbox import sequence_once
from forecourt.live import stream as stream_module
from tests.api.harness import client_of, make_api, make_key, make_operator, make_partner
from tests.conftest import free_port


class Server:
    """The app behind a real socket."""

    def __init__(self, app: FastAPI, url: str, database: Database, bus: MemoryBus) -> None:
        self.app, self.url, self.database, self.bus = app, url, database, bus

    async def record(self, operator_id: UUID, kind: str, *, sequence: bool = True, **data: Any) -> UUID:
        """A business fact, committed and numbered."""
        subject = new_id()
        async with self.database.transaction(operator_id) as uow:
            uow.record(kind, subject_id=subject, subject_revision=1, data=data)
        if sequence:
            await self.sequence()
        return subject

    async def sequence(self) -> None:
        async with await self.database.system_connection() as connection:
            await sequence_once(connection)

    async def live(self, operator_id: UUID, name: str, revision: int, **more: Any) -> None:
        """A live value of a session."""
        value = {
            "type": "session.updated",
            "subject_id": name,
            "revision": revision,
            "data": {"n": revision},
            **more,
        }
        await self.bus.publish(f"live.{operator_id}.session.{name}", json.dumps(value).encode())

    @asynccontextmanager
    async def follow(self, key: str, *, last: int | None = None, **query: str) -> AsyncIterator[Events]:
        """Open the stream and read its first event."""
        headers = {"Authorization": f"Bearer {key}"} | ({} if last is None else {"Last-Event-ID": str(last)})
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=20) as client,
            client.stream("GET", "/api/v1/events", headers=headers, params=query) as response,
        ):
            assert response.status_code == 200, (await response.aread()).decode()
            events = Events(response)
            await events.next()
            yield events


class Events:
    """What a browser's EventSource would see."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.last_id: int | None = None
        self.first: dict[str, Any] = {}
        self.comments = 0
        self._lines = response.aiter_lines()

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        """The next event."""
        async with asyncio.timeout(seconds):
            event: dict[str, Any] = {}
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = int(value)
                elif name == "event":
                    event["event"] = value
                elif name == "data":
                    event.update(json.loads(value))
                elif line.startswith(":"):
                    self.comments += 1
                elif not line and event:
                    self.first = self.first or event
                    return event
        raise EOFError("the stream has ended")

    async def silence(self, seconds: float = 0.6) -> None:
        """Nothing comes."""
        with contextlib.suppress(TimeoutError):
            event = await self.next(seconds)
            raise AssertionError(f"there came {event}")


@pytest.fixture
async def server(empty_database: Database, bus: MemoryBus) -> AsyncIterator[Server]:
    app = make_api(empty_database, bus=bus)
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=3
    )
    uvicorn_server = uvicorn.Server(config)
    uvicorn_server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(uvicorn_server.serve())
    await _until(lambda: uvicorn_server.started)
    yield Server(app, f"http://127.0.0.1:{port}", empty_database, bus)
    await app.state.hub.stop()
    uvicorn_server.should_exit = True
    await task


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("it did not come about")


class TestFacts:
    async def test_what_happens_after_ready_arrives_in_order(self, server: Server) -> None:
        operator = await make_operator(server.database)
        key = await make_key(server.database, operator)
        await server.record(operator, "session.started")
        async with server.follow(key) as events:
            assert events.first["event"] == "ready"
            assert events.response.headers["X-Accel-Buffering"] == "no"
            subject = await server.record(operator, "session.ended", energy_wh="1200")
            fact = await events.next()
        assert fact["event"] == fact["type"] == "session.ended"
        assert fact["subject_id"] == encode_id("ses", subject)
        assert fact["data"] == {"energy_wh": "1200"}
        assert events.last_id == fact["position"]

    async def test_it_goes_on_after_the_last_event(self, server: Server) -> None:
        operator = await make_operator(server.database)
        key = await make_key(server.database, operator)
        await server.sequence()
        async with server.follow(key) as events:
            start = events.first["position"]
            await server.record(operator, "station.connected", n=1)
            seen = await events.next()
        for n in (2, 3):
            await server.record(operator, "station.connected", n=n)
        async with server.follow(key, last=seen["position"]) as events:
            assert events.first["event"] == "ready"
            assert [(await events.next())["data"]["n"] for _ in range(2)] == [2, 3]
        async with server.follow(key, last=start) as events:
            assert [(await events.next())["data"]["n"] for _ in range(3)] == [1, 2, 3]

    async def test_many_are_read_in_pieces(self, server: Server) -> None:
        operator = await make_operator(server.database)
        key = await make_key(server.database, operator)
        await server.sequence()
        async with server.database.transaction(operator) as uow:
            for n in range(450):
                uow.record("session.started", subject_id=new_id(), subject_revision=1, data={"n": n})
        await server.sequence()
        async with server.follow(key, last=0) as events:
            numbers: list[int] = []
            while len(numbers) < 450:
                fact = await events.next()
                if fact["type"] == "session.started":
                    numbers.append(fact["data"]["n"])
        assert numbers == list(range(450))

    async def test_one_that_is_no_longer_kept_asks_for_a_fresh_load(self, server: Server) -> None:
        operator = await make_operator(server.database)
        key = await make_key(server.database, operator)
        for _ in range(3):
            await server.record(operator, "session.started")
        async with await psycopg.AsyncConnection.connect(server.database.urls.system) as connection:
            await connection.execute("DELETE FROM outbox_event WHERE position <= 2")
        async with server.follow(key, last=1) as events:
            assert events.first["event"] == "resync"
            assert events.first["reason"] == "too_old"
            await server.record(operator, "session.ended")
            assert (await events.next())["type"] == "session.ended"
        async with server.follow(key, last=10_000) as events:
            assert events.first["reason"] == "unknown_position"

    async def test_the_filter_and_the_permissions_choose(self, server: Server) -> None:
        operator = await make_operator(server.database)
        narrow = await make_key(server.database, operator, permissions=["events:read", "stations:read"])
        wide = await make_key(server.database, operator)
        async with (
            server.follow(narrow) as stations,
            server.follow(wide, types="session.ended,tariff.*") as chosen,
        ):
            for kind in ("session.ended", "station.booted", "tariff.published", "session.started"):
                await server.record(operator, kind)
            assert (await stations.next())["type"] == "station.booted"
            assert [(await chosen.next())["type"] for _ in range(2)] == ["session.ended", "tariff.published"]
            await asyncio.gather(stations.silence(), chosen.silence())

    @pytest.mark.parametrize("value", ["x", "-1", "9" * 30])
    async def test_a_wrong_last_event_id_is_refused(self, database: Database, value: str) -> None:
        key = await make_key(database, await make_operator(database))
        async with client_of(make_api(database), key) as client:
            response = await client.get("/events", headers={"Last-Event-ID": value})
        assert response.json()["code"] == "LastEventIdInvalid"


class TestIsolation:
    async def test_another_operator_and_an_ungranted_partner_hear_nothing(self, server: Server) -> None:
        mine, other = await make_operator(server.database), await make_operator(server.database)
        partner = await make_partner(server.database, mine)
        await server.sequence()
        stranger = await make_key(server.database, other, permissions=["events:read", "sessions:read"])
        host = await make_key(server.database, mine, partner_id=partner)
        async with server.follow(stranger, last=0) as outside, server.follow(host, last=0) as inside:
            await server.record(mine, "session.started")
            await server.live(mine, "a", 1)
            await asyncio.gather(outside.silence(), inside.silence())

    async def test_a_partner_hears_the_values_that_name_it_in_their_partner_form(
        self, server: Server
    ) -> None:
        operator = await make_operator(server.database)
        partner = await make_partner(server.database, operator)
        key = await make_key(server.database, operator, partner_id=partner)
        async with server.follow(key) as events:
            await server.live(operator, "theirs", 1, partner_ids=[str(new_id())], partner_data={"kwh": 1})
            await server.live(operator, "unsaid", 1, partner_ids=[str(partner)])
            await server.live(operator, "ours", 2, partner_ids=[str(partner)], partner_data={"kwh": 2})
            value = await events.next()
            assert value["subject_id"] == "ours"
            assert value["data"] == {"kwh": 2}
            await events.silence()


class TestLiveValues:
    async def test_they_come_at_most_once_a_second_and_the_newest_wins(self, server: Server) -> None:
        operator = await make_operator(server.database)
        async with server.follow(await make_key(server.database, operator)) as events:
            for revision in range(1, 11):
                await server.live(operator, "a", revision)
            await server.live(operator, "b", 1)
            first = [await events.next(), await events.next()]
            began = time.monotonic()
            assert {value["subject_id"] for value in first} == {"a", "b"}
            for revision in (11, 12, 9):
                await server.live(operator, "a", revision)
            last = await events.next()
            while last["revision"] < 12:  # what came before may have been sent in two pieces
                last = await events.next()
            assert last["event"] == "session.updated"
            assert last["data"] == {"n": 12}
            assert time.monotonic() - began > 0.6
            assert events.last_id == events.first["position"]

    async def test_too_many_at_once_ask_for_a_fresh_load(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream_module, "MAX_PENDING", 3)
        operator = await make_operator(server.database)
        async with server.follow(await make_key(server.database, operator)) as events:
            for n in range(20):
                await server.live(operator, f"s{n}", 1)
            seen = [(await events.next())["event"] for _ in range(2)]
        assert "resync" in seen


class TestEnd:
    async def test_the_hub_ends_streams_and_takes_no_more(self, server: Server) -> None:
        key = await make_key(server.database, await make_operator(server.database))
        async with server.follow(key) as events:
            assert server.app.state.hub.viewers == 1
            await server.app.state.hub.stop()
            with pytest.raises(EOFError):
                await events.next(2)
        assert server.app.state.hub.viewers == 0
        async with client_of(server.app, key) as client:
            assert (await client.get("/events")).status_code == 503

    async def test_a_reader_who_leaves_is_forgotten(self, server: Server) -> None:
        key = await make_key(server.database, await make_operator(server.database))
        async with server.follow(key):
            pass
        await _until(lambda: server.app.state.hub.viewers == 0)
        assert server.bus._subscriptions == []

    async def test_a_revoked_key_is_shown_out(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stream_module, "RECHECK_SECONDS", 0.2)
        operator = await make_operator(server.database)
        key = await make_key(server.database, operator)
        async with server.follow(key) as events:
            async with server.database.transaction(role="system") as uow:
                await uow.session.execute(text("UPDATE api_key SET revoked_at = now()"))
            closed = await events.next(3)
            assert closed == {"event": "closed", "code": "KeyRefused"}
            with pytest.raises(EOFError):
                await events.next(2)

    async def test_it_is_kept_warm_and_moves_the_readers_position(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream_module, "KEEP_ALIVE_SECONDS", 0.2)
        mine, other = await make_operator(server.database), await make_operator(server.database)
        key = await make_key(server.database, mine)
        await server.sequence()
        async with server.follow(key) as events:
            for _ in range(3):
                await server.record(other, "session.started")
            await events.silence(1)
            assert events.comments > 1
            assert (events.last_id or 0) >= events.first["position"] + 3

    async def test_a_reader_who_does_not_read_is_let_go_and_holds_up_nobody(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream_module, "SEND_SECONDS", 0.5)
        operator = await make_operator(server.database)
        key = await make_key(server.database, operator)
        await server.sequence()
        host, port = server.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
        writer.write(head.encode())
        async with server.follow(key) as events:
            await _until(lambda: server.app.state.hub.viewers == 2)
            async with server.database.transaction(operator) as uow:
                for n in range(500):
                    data = {"n": n, "filler": "x" * 40_000}
                    uow.record("session.started", subject_id=new_id(), subject_revision=1, data=data)
            await server.sequence()
            assert [(await events.next())["data"]["n"] for _ in range(500)] == list(range(500))
            await _until(lambda: server.app.state.hub.viewers == 1)
        writer.close()
        del reader
