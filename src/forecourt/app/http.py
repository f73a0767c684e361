"""One HTTP server in the process's event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """uvicorn, started and stopped by us."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        """Describe it; ``start`` opens the port."""
        self._where = f"{host}:{port}"
        self._server = _Server(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
                lifespan="on",
            )
        )
        self.task: asyncio.Task[None] | None = None
        """Its end means that nothing is served any more."""

    async def start(self) -> None:
        """Open the port.

        Raises:
            OSError: it is taken.
        """
        self.task = asyncio.create_task(self._server.serve(), name="http")
        while not self._server.started:
            if self.task.done():
                await self.task
                raise OSError(f"HTTP could not listen on {self._where}")
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Answer what is under way, then close."""
        if self.task is not None:
            self._server.should_exit = True
            await asyncio.gather(self.task, return_exceptions=True)
