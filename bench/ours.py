"""(a): the whole program in a process of its own, on the PostgreSQL that the benchmark has started."""

from __future__ import annotations

import asyncio
import cProfile
import os
import signal
import time

import uvloop

from forecourt.app.database import open_database
from forecourt.app.runtime import Runtime
from forecourt.app.settings import Settings
from forecourt.kit.log import configure_logging


async def serve() -> None:
    settings = Settings()
    configure_logging(level=settings.log_level)
    opened = open_database(settings, join=True)
    runtime = Runtime(settings, opened.urls)
    await runtime.start()
    print("ready", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runtime.stop()


def main() -> None:
    target = os.environ.get("BENCH_PROFILE")
    if not target:
        uvloop.run(serve())
        return
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    try:
        uvloop.run(serve())
    finally:
        profile.disable()
        profile.dump_stats(target)


if __name__ == "__main__":
    main()
