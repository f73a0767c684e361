"""A station used its new password: those that it replaces end (ocpp.md 3.1, A01)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from forecourt.identity.actor import system_actor
from forecourt.identity.audit import record_change
from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from forecourt.network.directory import announce_station
from forecourt.network.models import Station, StationCredential


async def retire_replaced_credentials(
    database: Database, operator_id: UUID, station_id: UUID, used_id: UUID
) -> int:
    """End every replaced password that is older than the one in use; tells how many. Repeating it does nothing.

    A socket that was opened with an ended password is closed by its gateway.
    """
    async with database.transaction(operator_id, actor=system_actor(operator_id, "gateway")) as uow:
        station = await uow.session.scalar(
            select(Station)
            .where(Station.operator_id == operator_id, Station.id == station_id)
            .with_for_update()
        )
        used = await uow.session.get(StationCredential, (operator_id, used_id))
        if station is None or used is None or used.revoked_at is not None:
            return 0
        ended = list(
            await uow.session.scalars(
                select(StationCredential).where(
                    StationCredential.operator_id == operator_id,
                    StationCredential.station_id == station_id,
                    StationCredential.id < used_id,
                    StationCredential.replaced_at.is_not(None),
                    StationCredential.revoked_at.is_(None),
                )
            )
        )
        if not ended:
            return 0
        for row in ended:
            row.revoked_at = uow.clock.now()
        await announce_station(uow, station_id)
        data = {
            "station_id": encode_id("sta", station_id),
            "identity": station.identity,
            "used_id": encode_id("scr", used_id),
            "retired_ids": [encode_id("scr", row.id) for row in ended],
        }
        uow.record(
            "station.credential_retired", subject_id=station_id, subject_revision=station.revision, data=data
        )
        await record_change(
            uow,
            action="station.credential_retired",
            subject_type="station",
            subject_id=station_id,
            after={"used_id": data["used_id"], "retired_ids": data["retired_ids"]},
        )
        return len(ended)
