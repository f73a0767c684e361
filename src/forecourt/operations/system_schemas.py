"""The health of the installation on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Scope = Literal["installation", "operator"]
CheckCode = Literal[
    "durability_off", "database_slow", "bus_away", "gateway_gone", "no_worker", "jobs_late", "jobs_failed",
    "outbox_behind", "partitions_short", "mail_off", "mail_failing", "webhooks_failing",
]  # fmt: skip
JobState = Literal["waiting", "running", "failed"]


class Check(BaseModel):
    """Something that is not as it should be."""

    code: CheckCode
    severity: Literal["bad", "warn"]
    params: dict[str, Any] = Field(examples=[{"count": 2}])


class Versions(BaseModel):
    """Of what runs."""

    forecourt: str = Field(examples=["0.1.0"])
    python: str = Field(examples=["3.11.7"])
    postgresql: str = Field(examples=["18.4"])


class DatabaseSetting(BaseModel):
    """A setting of the server that durability or capacity hang on."""

    name: str = Field(examples=["synchronous_commit"])
    value: str = Field(examples=["on"])
    safe: bool = Field(description="False: acknowledged data could be lost.")


class DatabaseOut(BaseModel):
    """The database, as this process reaches it."""

    latency_ms: float = Field(
        examples=[0.4], description="Of a statement that does nothing, the middle of five."
    )
    started_at: datetime
    embedded: bool = Field(description="Started by the program itself.")
    settings: list[DatabaseSetting]
    size_bytes: int | None = Field(description="Installation only.")
    connections: int | None = Field(description="Installation only.")
    max_connections: int | None = Field(description="Installation only.")
    replicas: int | None = Field(description="Servers that follow this one; installation only.")


class NodeOut(BaseModel):
    """A gateway."""

    node: str = Field(examples=["main"])
    alive: bool
    lease_until: datetime
    links: int = Field(description="Sockets that it holds.")


class GatewaysOut(BaseModel):
    """Who holds the sockets of stations, and what goes over them."""

    nodes: list[NodeOut] | None = Field(description="Installation only.")
    queue: int | None = Field(
        description="Messages that wait for the database in this process; installation only."
    )
    own_online: int = Field(description="The operator's stations that are connected.")
    own_offline: int
    own_messages_per_minute: float = Field(description="Over the last five minutes.")


class BusOut(BaseModel):
    """How processes speak to each other."""

    kind: Literal["memory", "nats"]
    connected: bool


class QueueOut(BaseModel):
    """Jobs of one queue."""

    queue: str = Field(examples=["default"])
    waiting: int
    running: int
    failed: int


class JobsOut(BaseModel):
    """Work outside the database."""

    workers: int = Field(description="That gave a sign of life within a minute.")
    queues: list[QueueOut]
    oldest_due_seconds: int | None = Field(description="How long the oldest job that is due has waited.")


class OutboxOut(BaseModel):
    """Facts on their way to their readers."""

    unsequenced: int
    lag_seconds: int = Field(description="Age of the oldest fact that has no position yet.")
    position: int | None = Field(description="Installation only.")


class PartitionsOut(BaseModel):
    """A big table by days."""

    table: str = Field(examples=["message_log"])
    partitions: int
    oldest: date | None
    newest: date | None
    days_ahead: int
    size_bytes: int | None = Field(description="Installation only.")


class TellingOut(BaseModel):
    """What was told to people and machines within a day."""

    mail_configured: bool
    mails_sent: int
    mails_failed: int
    mails_not_sent: int
    mails_waiting: int
    webhooks_sent: int
    webhooks_failed: int
    webhooks_waiting: int


class SystemOut(BaseModel):
    """How the installation is. To its own operator all of it, to another what is theirs or says nothing of others."""

    scope: Scope
    generated_at: datetime
    checks: list[Check] = Field(description="What is not as it should be, the worst first.")
    versions: Versions
    database: DatabaseOut
    gateways: GatewaysOut
    bus: BusOut
    jobs: JobsOut
    outbox: OutboxOut
    partitions: list[PartitionsOut]
    telling: TellingOut


class JobOut(BaseModel):
    """A job."""

    id: int = Field(examples=[4711])
    task: str = Field(examples=["mail.send"])
    queue: str
    state: JobState
    attempts: int
    scheduled_at: datetime | None
    args: dict[str, Any]
    error: str | None = Field(description="Of the last try that failed.")
    failed_at: datetime | None


class JobChanged(BaseModel):
    """What became of it."""

    id: int
    state: Literal["waiting", "discarded"]
