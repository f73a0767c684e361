"""Passwords for the stations that an import created: made and told once, kept as hashes only."""

from __future__ import annotations

from uuid import UUID

from forecourt.identity.audit import record_change
from forecourt.imports.errors import PasswordsTaken
from forecourt.imports.queries import get_run, rows_of
from forecourt.imports.rows import lock_rows
from forecourt.kit.database import UnitOfWork
from forecourt.network.credentials import generate_password, hash_password
from forecourt.network.directory import announce_station
from forecourt.network.models import Station, StationCredential
from forecourt.network.queries import actor_name


async def take_passwords(run_id: UUID, *, pepper: bytes, uow: UnitOfWork) -> list[tuple[int, str, str]]:
    """Line, identity and password of each new station that needs one.

    Raises:
        ImportNotFound.
        PasswordsTaken: they were told already, or the import made no stations.
    """
    run = await get_run(uow, run_id, lock=True)
    if run.kind != "stations" or run.state != "done" or run.passwords_taken_at is not None:
        raise PasswordsTaken(id=str(run_id), state=run.state)
    lines = {
        row.subject_id: row.line
        for row in await rows_of(uow, run.id)
        if row.plan == "create" and row.subject_id
    }
    told, author = [], actor_name(uow)
    for station in (await lock_rows(uow, Station, lines.keys())).values():
        if station.allow_plain or station.registration == "retired":
            continue
        password = generate_password()
        stored = hash_password(password.encode(), pepper=pepper, identity=station.identity)
        uow.session.add(
            StationCredential(
                operator_id=station.operator_id, station_id=station.id, salt=stored.salt, hash=stored.hash,
                weak=stored.weak, created_by=author,
            )
        )  # fmt: skip
        told.append((lines[station.id], station.identity, password))
    await uow.session.flush()
    await _announce(uow, [station_id for station_id in lines if station_id is not None])
    run.passwords_taken_at = uow.clock.now()
    await uow.session.flush()
    await record_change(
        uow, action="import.credentials_made", subject_type="import_run", subject_id=run.id,
        before={"credentials": 0}, after={"credentials": len(told)},
    )  # fmt: skip
    return sorted(told)


async def _announce(uow: UnitOfWork, ids: list[UUID]) -> None:
    connection = await uow.connection()
    await connection.execute(
        "UPDATE station SET directory_change = pg_current_xact_id()::text::bigint WHERE id = ANY(%s)", (ids,)
    )
    await announce_station(uow, None)
