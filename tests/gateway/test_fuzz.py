"""Whatever a station sends: the process lives, its neighbour is served, and nobody sees another's data."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from forecourt.gateway.address import read_address
from forecourt.gateway.deflate import negotiate_deflate
from forecourt.gateway.directory import read_basic
from forecourt.gateway.translate import DIALECTS
from forecourt.gateway.wire import frame_kind
from forecourt.ocpp import ACTIONS, Version
from tests.gateway.conftest import Station, World

SECRET = "0b5e55ed"
_leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
_json = st.recursive(
    _leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_actions = st.sampled_from(sorted({action for kinds in ACTIONS.values() for action in kinds})) | st.text(
    max_size=10
)
_frames = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=100).map(lambda data: data.decode("latin-1")),
    st.tuples(st.integers(0, 9), _json, _actions, _json).map(lambda parts: json.dumps(list(parts))),
    st.tuples(st.just(2), st.text(min_size=1, max_size=40), _actions, _json).map(
        lambda parts: json.dumps(list(parts))
    ),
    st.lists(_json, max_size=6).map(json.dumps),
    st.just("[" * 3000),
    st.just('{"a":' * 2000),
)


async def _drain(station: Station, mark: str) -> list[str]:
    """Ask for a sign of life, and hand back all that came until then."""
    await station.send(json.dumps([2, mark, "Heartbeat", {}]))
    heard = []
    while True:
        text = str(await asyncio.wait_for(station.socket.recv(), 5))
        heard.append(text)
        if json.loads(text)[1] == mark:
            return heard


class TestSocket:
    @pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
    async def test_no_frame_kills_the_process_or_leaks(self, world: World, protocol: str) -> None:
        world.add("EVIL")
        world.add("GOOD")
        good = await world.connect("GOOD")
        await good.boot()
        await good.call("DataTransfer", {"vendorId": SECRET, "data": SECRET})
        loop = asyncio.get_running_loop()
        evil = await world.connect("EVIL", protocols=[protocol])
        await evil.boot()
        marks = iter(range(10_000))

        async def attack(frames: list[str]) -> None:
            for frame in frames:
                await evil.send(frame)
            mark = f"fuzz-mark-{next(marks)}"
            heard = await _drain(evil, mark)
            assert SECRET not in "".join(heard)
            assert (await good.call("Heartbeat", {}))[0] == 3

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.lists(_frames, min_size=1, max_size=6))
        def run(frames: list[str]) -> None:
            asyncio.run_coroutine_threadsafe(attack(frames), loop).result(30)

        await asyncio.to_thread(run)
        assert evil.socket.close_code is None

    async def test_no_bytes_kill_the_process(self, world: World) -> None:
        world.add("EVIL")
        world.add("GOOD")
        good = await world.connect("GOOD")
        await good.boot()
        loop = asyncio.get_running_loop()

        async def attack(data: bytes) -> None:
            evil = await world.connect("EVIL")
            try:
                evil.socket.transport.write(data)
                await asyncio.wait_for(evil.socket.recv(), 0.02)
            except (TimeoutError, ConnectionClosed):
                pass
            evil.socket.transport.abort()
            assert (await good.call("Heartbeat", {}))[0] == 3

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(st.binary(max_size=300))
        def run(data: bytes) -> None:
            asyncio.run_coroutine_threadsafe(attack(data), loop).result(30)

        await asyncio.to_thread(run)

    async def test_no_upgrade_request_kills_the_process(self, world: World) -> None:
        world.add()
        for request in (
            b"GET /ocpp/CP1 HTTP/1.1\r\n\r\n",
            b"POST /ocpp/CP1 HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /ocpp/CP1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET " + b"/" * 20_000 + b" HTTP/1.1\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", world.gateway.ports["ws"])
            writer.write(request)
            try:
                head = await asyncio.wait_for(reader.read(200), 1)
            except TimeoutError:  # it waits for the rest of the request, for some seconds
                head = b""
            assert b" 101 " not in head
            writer.close()
        station = await world.connect()
        assert (await station.boot())[0] == 3


class TestPureParts:
    @given(st.text(max_size=300), st.text(max_size=50))
    def test_every_target_can_be_read_or_not(self, target: str, host: str) -> None:
        for reading in read_address(target, host):
            assert reading.identity.isprintable()
            assert 0 < len(reading.identity) <= 255

    @given(st.text(max_size=200))
    def test_every_header_can_be_read_or_not(self, header: str) -> None:
        read_basic(header)
        read_basic("Basic " + header)
        negotiate_deflate(header)
        negotiate_deflate("permessage-deflate;" + header)

    @given(st.text(min_size=1, max_size=50))
    def test_every_frame_has_a_kind_or_none(self, text: str) -> None:
        assert frame_kind(text) in (0, 2, 3, 4, 5, 6)

    @pytest.mark.parametrize("version", list(Version))
    def test_every_action_has_a_route(self, version: Version) -> None:
        for action in ACTIONS[version]:
            assert DIALECTS[version].route(action) is not None

    def test_strategies_make_frames(self) -> None:
        example: Any = json.loads(json.dumps([2, "x", "Heartbeat", {}]))
        assert frame_kind(json.dumps(example)) == 2
