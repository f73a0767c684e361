"""One running process of Forecourt: its parts, wired by plain constructor calls.

`serve` and `demo` run all parts in one process; `gateway`, `api` and `worker` run one each, beside any number
of others, on the same database and the same bus.

Start: database → partitions → bus → worker → gateway → HTTP. Stop, in reverse order of who depends on whom: the
gateway drains and closes its sockets, streams end, HTTP, worker, pools. The embedded PostgreSQL belongs to the
caller, who stops it last.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Collection, Sequence
from functools import partial
from typing import Literal

from fastapi import FastAPI

from forecourt import __version__
from forecourt.api import create_api, create_health_app
from forecourt.api import jobs as api_jobs
from forecourt.app.handlers import make_teams, on_knock, park
from forecourt.app.http import HttpServer
from forecourt.app.routers import all_routers
from forecourt.app.settings import Settings
from forecourt.app.system_probe import ProcessProbe
from forecourt.charging import jobs as charging_jobs
from forecourt.gateway import jobs as gateway_jobs
from forecourt.gateway.gateway import Gateway
from forecourt.gateway.settings import GatewaySettings
from forecourt.gateway.stations_port import GatewayStations
from forecourt.gateway.tls import CertificateFiles, build_tls
from forecourt.identity import jobs as identity_jobs
from forecourt.imports import jobs as imports_jobs
from forecourt.kit import mail
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
from forecourt.operations import jobs as operations_jobs
from forecourt.operations.watch import RuleWatch

Part = Literal["gateway", "api", "worker"]
"""`gateway` holds the sockets of stations, `api` answers people and machines, `worker` runs jobs and numbers events."""
ALL_PARTS: tuple[Part, ...] = ("gateway", "api", "worker")

_READINGS_KEEP_DAYS = 400
_PARTITIONS_LOCK = 0x7061_7274  # "part"


class Runtime:
    """Everything that runs in one process."""

    def __init__(
        self,
        settings: Settings,
        urls: DatabaseUrls,
        *,
        parts: Collection[Part] = ALL_PARTS,
        clock: Clock | None = None,
    ) -> None:
        """Wire it; `start` opens the ports."""
        self.settings = settings
        self.parts = frozenset(parts)
        self.clock: Clock = clock or SystemClock()
        self.database = Database(urls, clock=self.clock)
        self.bus: Bus = NatsBus(settings.nats_url) if settings.nats_url else MemoryBus()
        self.jobs = Jobs(urls.system)
        self.stations = GatewayStations(self.bus)
        self.mailer = mail.make_mailer(settings.smtp_url, settings.mail_from)
        self.secret_box = settings.secret_box()
        self.metrics = Metrics()
        self.health = Health()
        self.health.add("database", self.database.ping)
        # Not a matter of readiness: stations and most of the API work without it.
        self.metrics.gauge(
            "bus_connected", "Whether the bus to other processes is there.", read=self._bus_there
        )
        self.gateway = self._make_gateway() if "gateway" in self.parts else None
        if self.gateway is not None:
            self.health.add("gateway", self._gateway_ready)
        self._sequencer = Sequencer(urls.system)
        self._rule_watch = RuleWatch(self.database, links=settings.link)
        self._following: list[asyncio.Task[None]] = []
        self._api: FastAPI | None = None
        self._http: HttpServer | None = None

    @property
    def ports(self) -> dict[str, int]:
        """The ports that stations connect to, by scheme (`ws`, `wss`); empty without a gateway."""
        return self.gateway.ports if self.gateway is not None else {}

    def watched(self) -> Sequence[asyncio.Task[None]]:
        """Tasks whose end means that the process has to end."""
        http = self._http.task if self._http is not None else None
        return [*([http] if http is not None else []), *self._following]

    # start and stop -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open everything. On failure what was opened is closed again.

        Raises:
            UnsafeDatabase: the database could lose what it has acknowledged.
            BusTimeout: the NATS server does not answer.
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
        if "worker" in self.parts:
            self._register_jobs()
            await self.jobs.start()
            self._following = [
                asyncio.create_task(self._sequencer.run(), name="sequencer"),
                asyncio.create_task(self._rule_watch.run(), name="rule watch"),
            ]
        if self.gateway is not None:
            await self.gateway.start()
        await self._start_http()
        # What stands now stays: the collector need not look at it again, and less often at what comes.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)

    async def _start_http(self) -> None:
        settings = self.settings
        if "api" in self.parts:
            self._api = self._make_api()
            self._http = HttpServer(self._api, host=settings.host, port=settings.http_port)
        elif settings.health_port:
            app = create_health_app(self.health, self.metrics)
            self._http = HttpServer(app, host=settings.host, port=settings.health_port)
        if self._http is not None:
            await self._http.start()

    async def stop(self) -> None:
        """Close everything, in an order that loses nothing."""
        if self.gateway is not None:
            await self.gateway.stop()
        if self._api is not None:
            await self._api.state.hub.stop()
        if self._http is not None:
            await self._http.stop()
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self.jobs.stop()
        if isinstance(self.bus, NatsBus):
            await self.bus.close()
        await self.database.close()

    # parts --------------------------------------------------------------------------------------------

    def _make_gateway(self) -> Gateway:
        settings = self.settings
        certificates = [CertificateFiles(chain=file, key=file) for file in settings.certificate_files()]
        return Gateway(
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
                node=settings.node_name,
            ),
            clock=self.clock,
            on_knock=on_knock(self.database),
            on_parked=park,
            on_credential_used=partial(retire_replaced_credentials, self.database),
            metrics=self.metrics,
        )

    def _make_api(self) -> FastAPI:
        return create_api(
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
            extra_state={
                "mailer": self.mailer,
                "secret_box": self.secret_box,
                "system_probe": ProcessProbe(self.settings, self.bus, self.gateway),
            },
        )

    def _register_jobs(self) -> None:
        network_jobs.register(self.jobs, self.database, self.stations)
        charging_jobs.register(self.jobs, self.database)
        imports_jobs.register(self.jobs, self.database, self.stations)
        identity_jobs.register(self.jobs, self.database)
        api_jobs.register(self.jobs, self.database)
        mail.register(self.jobs, self.database, self.mailer)
        operations_jobs.register(
            self.jobs,
            self.database,
            box=self.secret_box,
            links=self.settings.link,
            webhooks_allow_private=self.settings.webhooks_allow_private,
        )
        gateway_jobs.register(
            self.jobs, self.database, lambda: make_teams(self.database, self.bus, self.clock)[0]
        )

        @self.jobs.periodic("app.maintain_partitions", "23 1 * * *")
        async def partitions(at: object) -> None:
            await self.maintain_partitions()

    async def _gateway_ready(self) -> None:
        if self.gateway is None or not self.gateway.ready:
            raise RuntimeError("the gateway does not take stations")

    def _bus_there(self) -> float:
        return float(not isinstance(self.bus, NatsBus) or self.bus.connected)

    async def maintain_partitions(self) -> None:
        """Make the partitions of the coming days and drop those past retention; one process at a time."""
        plans = [
            PartitionPlan(table="message_log", keep_days=self.settings.message_retention_days),
            PartitionPlan(table="meter_reading", keep_days=_READINGS_KEEP_DAYS),
        ]
        async with self.database.transaction(role="owner") as uow:
            connection = await uow.connection()
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_PARTITIONS_LOCK,))
            await maintain(connection, plans, now=self.clock.now())
