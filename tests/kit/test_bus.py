"""One contract, two adapters: the bus in memory and the bus over NATS."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest

from forecourt.kit.bus import MAX_BYTES, Bus, BusTimeout, MemoryBus, NatsBus, NoResponder


@pytest.fixture(params=["memory", "nats"])
async def any_bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "memory":
        memory = MemoryBus()
        yield memory
        await memory.close()
        return
    nats = NatsBus(request.getfixturevalue("nats_url"))
    await nats.connect()
    yield nats
    await nats.close()


@pytest.fixture
def word() -> str:
    """A first word of a subject that no other test uses."""
    return f"t{uuid4().hex}"


class Collector:
    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._news = asyncio.Event()

    async def __call__(self, subject: str, data: bytes) -> None:
        self.heard.append((subject, data))
        self._news.set()

    async def wait(self, count: int) -> list[bytes]:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return [data for _, data in self.heard]


class TestPublish:
    async def test_reaches_every_subscriber_in_order(self, any_bus: Bus, word: str) -> None:
        one, two = Collector(), Collector()
        await any_bus.subscribe(f"{word}.a", one)
        await any_bus.subscribe(f"{word}.>", two)
        for number in range(50):
            await any_bus.publish(f"{word}.a", b"%d" % number)
        expected = [b"%d" % number for number in range(50)]
        assert await one.wait(50) == await two.wait(50) == expected

    async def test_a_wildcard_takes_any_depth_below_but_not_the_word_itself(
        self, any_bus: Bus, word: str
    ) -> None:
        heard = Collector()
        await any_bus.subscribe(f"{word}.>", heard)
        for subject in (word, f"{word}x.a", f"{word}.a", f"{word}.a.b.c"):
            await any_bus.publish(subject, b"")
        await heard.wait(2)
        assert [subject for subject, _ in heard.heard] == [f"{word}.a", f"{word}.a.b.c"]

    async def test_to_nobody_is_no_error(self, any_bus: Bus, word: str) -> None:
        await any_bus.publish(word, b"x")

    async def test_an_ended_subscription_hears_nothing(self, any_bus: Bus, word: str) -> None:
        ended, other = Collector(), Collector()
        unsubscribe = await any_bus.subscribe(word, ended)
        await any_bus.subscribe(word, other)
        await any_bus.publish(word, b"1")
        await ended.wait(1)
        await unsubscribe()
        await unsubscribe()
        await any_bus.publish(word, b"2")
        await other.wait(2)
        assert len(ended.heard) == 1

    async def test_a_failing_handler_goes_on(self, any_bus: Bus, word: str) -> None:
        heard = Collector()

        async def handler(subject: str, data: bytes) -> None:
            await heard(subject, data)
            raise RuntimeError("no")

        await any_bus.subscribe(word, handler)
        await any_bus.publish(word, b"1")
        await any_bus.publish(word, b"2")
        assert await heard.wait(2) == [b"1", b"2"]

    @pytest.mark.parametrize("subject", ["", "a b", "a..b", ".a", "a.", "a.*", "a.>", ">"])
    async def test_refuses_what_is_no_subject(self, any_bus: Bus, subject: str) -> None:
        with pytest.raises(ValueError, match="subject"):
            await any_bus.publish(subject, b"")

    async def test_refuses_what_is_too_big(self, any_bus: Bus, word: str) -> None:
        with pytest.raises(ValueError, match="too many"):
            await any_bus.publish(word, b"x" * (MAX_BYTES + 1))
        heard = Collector()
        await any_bus.subscribe(word, heard)
        await any_bus.publish(word, b"x" * MAX_BYTES)
        await heard.wait(1)


class TestRequest:
    async def test_brings_the_answer(self, any_bus: Bus, word: str) -> None:
        async def shout(subject: str, data: bytes) -> bytes:
            return data.upper()

        await any_bus.subscribe(word, shout)
        assert await any_bus.request(word, b"hello", 2) == b"HELLO"

    async def test_nobody_there_is_known_at_once(self, any_bus: Bus, word: str) -> None:
        start = time.monotonic()
        with pytest.raises(NoResponder) as caught:
            await any_bus.request(word, b"", 5)
        assert time.monotonic() - start < 2
        assert caught.value.status == 503
        assert caught.value.params == {"subject": word}

    async def test_nobody_there_any_more(self, any_bus: Bus, word: str) -> None:
        async def answer(subject: str, data: bytes) -> bytes:
            return b"x"

        await (await any_bus.subscribe(word, answer))()
        with pytest.raises(NoResponder):
            await any_bus.request(word, b"", 5)

    @pytest.mark.parametrize("behaviour", ["silent", "slow", "failing"])
    async def test_no_answer_in_time(self, any_bus: Bus, word: str, behaviour: str) -> None:
        async def handler(subject: str, data: bytes) -> bytes | None:
            if behaviour == "failing":
                raise RuntimeError("no")
            if behaviour == "slow":
                await asyncio.sleep(10)
            return None

        await any_bus.subscribe(word, handler)
        with pytest.raises(BusTimeout):
            await any_bus.request(word, b"", 0.2)

    async def test_a_slow_answer_does_not_hold_up_the_next_question(self, any_bus: Bus, word: str) -> None:
        release = asyncio.Event()

        async def handler(subject: str, data: bytes) -> bytes:
            if data == b"slow":
                await release.wait()
            return data

        await any_bus.subscribe(word, handler)
        slow = asyncio.create_task(any_bus.request(word, b"slow", 5))
        await asyncio.sleep(0.05)
        assert await any_bus.request(word, b"quick", 2) == b"quick"
        release.set()
        assert await slow == b"slow"

    async def test_the_first_answer_counts(self, any_bus: Bus, word: str) -> None:
        async def silent(subject: str, data: bytes) -> None:
            return None

        async def answer(subject: str, data: bytes) -> bytes:
            return b"me"

        await any_bus.subscribe(word, silent)
        await any_bus.subscribe(f"{word[:-1]}{word[-1]}", answer)
        assert await any_bus.request(word, b"", 2) == b"me"

    async def test_a_request_may_be_made_from_a_handler(self, any_bus: Bus, word: str) -> None:
        async def inner(subject: str, data: bytes) -> bytes:
            return data + b"!"

        async def outer(subject: str, data: bytes) -> bytes:
            return await any_bus.request(f"{word}.inner", data, 2)

        await any_bus.subscribe(f"{word}.inner", inner)
        await any_bus.subscribe(f"{word}.outer", outer)
        assert await any_bus.request(f"{word}.outer", b"x", 2) == b"x!"


class TestSubscribe:
    @pytest.mark.parametrize("pattern", ["", "a b", "a.>.b", "a>", "*.b", "a.*", "a..>"])
    async def test_refuses_what_is_no_pattern(self, any_bus: Bus, pattern: str) -> None:
        with pytest.raises(ValueError, match="subscribe"):
            await any_bus.subscribe(pattern, Collector())


class TestNats:
    async def test_a_restarted_server_is_found_again_with_its_subscriptions(
        self, start_nats: Callable[[int], subprocess.Popen[bytes]], free_port: int, word: str
    ) -> None:
        server = start_nats(free_port)
        bus = NatsBus(f"nats://127.0.0.1:{free_port}")
        await bus.connect()
        heard = Collector()
        await bus.subscribe(word, heard)
        server.kill()
        server.wait()
        with pytest.raises(BusTimeout):
            await bus.request(word, b"", 0.2)
        assert not bus.connected
        server = start_nats(free_port)
        async with asyncio.timeout(10):
            while not heard.heard:
                await bus.publish(word, b"back")
                await asyncio.sleep(0.1)
        await bus.close()
        server.kill()

    async def test_says_so_when_there_is_no_server(self, free_port: int) -> None:
        with pytest.raises(BusTimeout, match=str(free_port)):
            await NatsBus(f"nats://127.0.0.1:{free_port}").connect(wait_seconds=0.3)
