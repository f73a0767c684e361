"""One running Forecourt: gateway, API and worker in one process, wired by plain constructor calls.

Start: database → partitions → jobs → gateway → HTTP. Stop, in reverse order of who depends on whom: the
gateway drains and closes its sockets, streams end, HTTP, worker, pools. The embedded PostgreSQL belongs to the
caller, who stops it last.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Iterator, Sequence
from functools import partial

import uvicorn

from forecourt import __version__
from forecourt.api import create_api
from forecourt.api import jobs as api_jobs
from forecourt.app.handlers import make_teams, on_knock, park
from forecourt.app.routers import all_routers
from forecourt.app.settings import Settings
from forecourt.charging import jobs as charging_jobs
from forecourt.gateway.gateway import Gateway
from forecourt.gateway.settings import GatewaySettings
from forecourt.gateway.stations_port import GatewayStations
from forecourt.gateway.tls import CertificateFiles, build_tls
from forecourt.identity import jobs as identity_jobs
from forecourt.kit.bus import Bus, MemoryBus, NatsBus
from forecourt.kit.clock import Clock, SystemClock
from forecourt.kit.database import Database, DatabaseUrls
from forecourt.kit.health import Health
from forecourt.kit.jobs import Jobs
from forecourt.kit.metrics import Metrics
from forecourt.kit.outbox import Sequencer
from forecourt.kit.partitions import PartitionPlan, maintain
from forecourt.kit.postgres import check_durability
from forecourt.network import jobs as network_jobs
from forecourt.network.directory import StationDirectory
from forecourt.network.retire_credentials import retire_replaced_credentials

_READINGS_KEEP_DAYS = 400


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Runtime:
    """Everything that runs in one process."""

    def __init__(self, settings: Settings, urls: DatabaseUrls, *, clock: Clock | None = None) -> None:
        """Wire it; `start` opens the ports."""
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.database = Database(urls, clock=self.clock)
        self.bus: Bus = NatsBus(settings.nats_url) if settings.nats_url else MemoryBus()
        self.jobs = Jobs(urls.system)
        self.stations = GatewayStations(self.bus)
        self.metrics = Metrics()
        certificates = [CertificateFiles(chain=file, key=file) for file in settings.certificate_files()]
        self.gateway = Gateway(
            database=self.database,
            bus=self.bus,
            teams=make_teams(self.database, self.bus, self.clock),
            stations=StationDirectory(),
            settings=GatewaySettings(
                pepper=settings.station_pepper,
                host=settings.ocpp_host,
                port=settings.ocpp_port,
                tls=build_tls(certificates) if certificates else None,
                tls_port=settings.ocpp_tls_port,
                default_operator=settings.default_operator,
                aliases=settings.aliases(),
                trusted_proxies=settings.proxies(),
            ),
            clock=self.clock,
            on_knock=on_knock(self.database),
            on_parked=park,
            on_credential_used=partial(retire_replaced_credentials, self.database),
            metrics=self.metrics,
        )
        self.health = Health()
        self.health.add("database", self.database.ping)
        self.health.add("gateway", self._gateway_ready)
        self._sequencer = Sequencer(urls.system)
        self._tasks: list[asyncio.Task[None]] = []
        self._http: _Server | None = None
        self._http_task: asyncio.Task[None] | None = None
        network_jobs.register(self.jobs, self.database, self.stations)
        charging_jobs.register(self.jobs, self.database)
        identity_jobs.register(self.jobs, self.database)
        api_jobs.register(self.jobs, self.database)
        self._register_own_jobs()

    async def _gateway_ready(self) -> None:
        if not self.gateway.ready:
            raise RuntimeError("the gateway does not take stations")

    async def start(self) -> None:
        """Open everything. On failure what was opened is closed again.

        Raises:
            UnsafeDatabase: the database could lose what it has acknowledged.
            OSError: a port is taken.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        async with await self.database.system_connection() as connection:
            await check_durability(connection)
        await self.maintain_partitions()
        if isinstance(self.bus, NatsBus):
            await self.bus.connect()
        await self.jobs.start()
        self._tasks.append(asyncio.create_task(self._sequencer.run(), name="sequencer"))
        await self.gateway.start()
        app = create_api(
            database=self.database,
            clock=self.clock,
            bus=self.bus,
            stations=self.stations,
            jobs=self.jobs,
            settings=self.settings,
            routers=all_routers(),
            health=self.health,
            metrics=self.metrics,
            version=__version__,
        )
        self._app = app
        config = uvicorn.Config(
            app,
            host=self.settings.host,
            port=self.settings.http_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            lifespan="on",
        )
        self._http = _Server(config)
        self._http_task = asyncio.create_task(self._http.serve(), name="http")
        while not self._http.started:
            if self._http_task.done():
                await self._http_task
                raise OSError(f"HTTP could not listen on {self.settings.host}:{self.settings.http_port}")
            await asyncio.sleep(0.02)
        # What stands now stays: the collector need not look at it again, and less often at what comes.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)

    async def stop(self) -> None:
        """Close everything, in an order that loses nothing."""
        await self.gateway.stop()
        if self._http is not None and self._http_task is not None:
            await self._app.state.hub.stop()
            self._http.should_exit = True
            await asyncio.gather(self._http_task, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.jobs.stop()
        if isinstance(self.bus, NatsBus):
            await self.bus.close()
        await self.database.close()

    def watched(self) -> Sequence[asyncio.Task[None]]:
        """Tasks whose end means that the process has to end."""
        return [task for task in (self._http_task, *self._tasks) if task is not None]

    async def maintain_partitions(self) -> None:
        """Make the partitions of the coming days and drop those past retention."""
        plans = [
            PartitionPlan(table="message_log", keep_days=self.settings.message_retention_days),
            PartitionPlan(table="meter_reading", keep_days=_READINGS_KEEP_DAYS),
        ]
        async with self.database.transaction(role="owner") as uow:
            await maintain(await uow.connection(), plans, now=self.clock.now())

    def _register_own_jobs(self) -> None:
        @self.jobs.periodic("app.maintain_partitions", "23 1 * * *")
        async def partitions(at: object) -> None:
            await self.maintain_partitions()
