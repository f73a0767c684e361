"""Peer (b): the usual Python stack: PyPI `ocpp`, `websockets`, one SQLAlchemy commit per message.

Empty handlers: each message is validated by the library and stored as one row, then answered. The engine
keeps the library's default of validating in a thread pool.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import UTC, datetime
from typing import Any

import uvloop
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call_result as result201
from sqlalchemy import JSON, BigInteger, DateTime, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from websockets.asyncio.server import ServerConnection, serve


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "bench_message"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    station: Mapped[str] = mapped_column(String)
    action: Mapped[str] = mapped_column(String)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)


Maker: async_sessionmaker[Any]


async def store(station: str, action: str, payload: dict[str, Any]) -> None:
    async with Maker() as session:
        session.add(Message(station=station, action=action, at=datetime.now(UTC), payload=payload))
        await session.commit()


def now() -> str:
    return datetime.now(UTC).isoformat()


class Station16(ChargePoint16):
    @on("BootNotification")
    async def boot(self, **payload: Any) -> Any:
        await store(self.id, "BootNotification", payload)
        return result16.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("StartTransaction")
    async def start_transaction(self, **payload: Any) -> Any:
        await store(self.id, "StartTransaction", payload)
        return result16.StartTransaction(transaction_id=1, id_tag_info={"status": "Accepted"})

    @on("MeterValues")
    async def meter_values(self, **payload: Any) -> Any:
        await store(self.id, "MeterValues", payload)
        return result16.MeterValues()


class Station201(ChargePoint201):
    @on("BootNotification")
    async def boot(self, **payload: Any) -> Any:
        await store(self.id, "BootNotification", payload)
        return result201.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("TransactionEvent")
    async def transaction_event(self, **payload: Any) -> Any:
        await store(self.id, "TransactionEvent", payload)
        return result201.TransactionEvent()


async def accept(connection: ServerConnection) -> None:
    assert connection.request is not None
    identity = connection.request.path.rsplit("/", 1)[-1]
    kind = Station16 if connection.subprotocol == "ocpp1.6" else Station201
    await kind(identity, connection).start()


async def main(port: int, url: str) -> None:
    global Maker
    engine = create_async_engine(url, pool_size=20, max_overflow=20)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    Maker = async_sessionmaker(engine, expire_on_commit=False)
    async with serve(accept, "127.0.0.1", port, subprotocols=["ocpp1.6", "ocpp2.0.1"], ping_interval=None):  # type: ignore[list-item]
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
