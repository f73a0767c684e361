"""The database goes away: nobody is answered, sockets close after a while, and it all comes back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator

import psycopg
import pytest

from forecourt.kit.bus import MemoryBus
from forecourt.kit.database import Database, DatabaseUrls
from forecourt.stations.events import HeartbeatReceived
from tests.conftest import Cluster
from tests.gateway.conftest import World, until


class Outage:
    """Refuses connections to one database and cuts those that are there."""

    def __init__(self, cluster: Cluster, database: str) -> None:
        self._url = cluster.url("postgres", "postgres")
        self._name = database

    async def begin(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false'.encode())
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (self._name,)
            )

    async def end(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true'.encode())


@pytest.fixture
async def lonely(empty_database: Database, bus: MemoryBus) -> AsyncIterator[World]:
    """A gateway on a database of its own, impatient."""
    world = World(empty_database, bus)
    await world.start(unavailable_after_s=1.0, give_up_s=2.0)
    yield world
    await world.stop()


@pytest.fixture
def outage(cluster: Cluster, empty_database: Database) -> Outage:
    return Outage(cluster, empty_database.urls.system.rpartition("/")[2].partition("?")[0])


class TestOutage:
    async def test_a_short_one_only_delays_the_answer(self, lonely: World, outage: Outage) -> None:
        entry = lonely.add()
        station = await lonely.connect()
        await station.boot()
        await outage.begin()
        await station.send(json.dumps([2, "h", "Heartbeat", {}]))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(station.socket.recv(), 0.4)
        await outage.end()
        assert (await station.receive())[:2] == [3, "h"]
        assert len([row for row in await lonely.log(entry) if row["message_id"] == "h"]) == 2

    async def test_a_long_one_closes_sockets_and_refuses_upgrades_until_it_is_over(
        self, lonely: World, outage: Outage
    ) -> None:
        lonely.add()
        lonely.add("CP2")
        station = await lonely.connect()
        await station.boot()
        await until(lambda: lonely.gateway.ready)
        await outage.begin()
        await station.send(json.dumps([2, "h", "Heartbeat", {}]))
        assert await station.closed() == 1013
        await until(lambda: not lonely.gateway.ready)
        assert await lonely.refused("CP2") == 503
        await outage.end()
        await until(lambda: lonely.gateway.ready, 10)
        again = await lonely.connect()
        assert (await again.call("Heartbeat", {}, message_id="h2"))[0] == 3
        assert len(lonely.handler.events(HeartbeatReceived)) <= 2

    async def test_a_connection_that_hangs_is_given_up_and_made_anew(
        self, lonely: World, outage: Outage
    ) -> None:
        lonely.add()
        station = await lonely.connect()
        await station.boot()
        backend = lonely.gateway.writers.journals[0].backend_pid
        assert backend is not None
        os.kill(backend, signal.SIGSTOP)
        try:
            await station.send(json.dumps([2, "h", "Heartbeat", {}]))
            assert await station.closed() == 1013
            assert await lonely.refused() == 503
            await until(lambda: lonely.gateway.ready, 10)
        finally:
            os.kill(backend, signal.SIGCONT)
        assert len(lonely.handler.events(HeartbeatReceived)) == 1
        again = await lonely.connect()
        assert (await again.call("Heartbeat", {}))[0] == 3


class Proxy:
    """Hands on bytes between a TCP port and the database's socket; stalled, it takes connections and bytes, and keeps
    them."""

    def __init__(self, socket_path: str) -> None:
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._socket_path = socket_path
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self._socket_path)
        for source, sink in ((reader, ours), (theirs, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self.flowing.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


class TestAStalledNetwork:
    async def test_a_write_that_is_never_answered_counts_as_an_outage(
        self, cluster: Cluster, empty_database: Database, bus: MemoryBus
    ) -> None:
        proxy = Proxy(str(cluster.socket_dir / ".s.PGSQL.5432"))
        port = await proxy.start()
        name = empty_database.urls.system.rpartition("/")[2].partition("?")[0]
        database = Database(
            DatabaseUrls.by_role(lambda db, role: f"postgresql://{role}@127.0.0.1:{port}/{db}", name)
        )
        world = World(database, bus)
        await world.start(unavailable_after_s=1.0, give_up_s=2.0)
        world.add()
        station = await world.connect()
        await station.boot()
        proxy.flowing.clear()
        await station.send(json.dumps([2, "h", "Heartbeat", {}]))
        assert await station.closed() == 1013
        assert not world.gateway.ready
        assert await world.refused() == 503
        await asyncio.sleep(2)  # long enough that the connection is given up and a new one stalls as well
        assert not world.gateway.ready
        proxy.flowing.set()
        await until(lambda: world.gateway.ready, 20)
        again = await world.connect()
        assert (await again.call("Heartbeat", {}))[0] == 3
        await world.stop()
        await database.close()
        await proxy.stop()
