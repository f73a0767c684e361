"""Imports against a real database: checked, committed as a whole, undone, and the same again."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from forecourt.app.routers import all_routers
from forecourt.charging.models import Authorisation, IdToken
from forecourt.identity.actor import system_actor
from forecourt.imports.commit_run import commit_run
from forecourt.imports.jobs import forget_uncommitted
from forecourt.imports.undo_run import undo_run
from forecourt.kit.database import Database
from forecourt.kit.ids import decode_id, new_id
from forecourt.network.models import Location, Station, StationCredential
from tests.api.harness import client_of, make_api, make_key, make_operator

PLACES = "name;country;time zone;Breite;Länge\nGarage;de;Europe/Berlin;52,5;13,4\nHof;AT;Europe/Vienna;;\n"


class Desk:
    """An operator whose files are imported; jobs run when they are asked to."""

    def __init__(self, database: Database, operator_id: UUID, client: httpx.AsyncClient) -> None:
        self.database, self.operator_id, self.client = database, operator_id, client

    async def upload(self, kind: str, content: str | bytes, filename: str = "file.csv") -> dict[str, Any]:
        data = content.encode() if isinstance(content, str) else content
        body = {"kind": kind, "filename": filename, "content": base64.b64encode(data).decode()}
        answer = await self.client.post("/imports", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def refused(self, content: bytes) -> str:
        body = {"kind": "tokens", "filename": "x.csv", "content": base64.b64encode(content).decode()}
        answer = await self.client.post("/imports", json=body)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["params"]["reason"])

    async def rows(self, run: dict[str, Any], **filters: str) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/imports/{run['id']}/rows", params={"limit": 500, **filters})
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def order(self, run: dict[str, Any]) -> None:
        answer = await self.client.post(f"/imports/{run['id']}/commit")
        assert answer.status_code == 202, answer.text

    async def work(self, run: dict[str, Any]) -> dict[str, Any]:
        await commit_run(self.database, system_actor(self.operator_id, "test"), decode_id("imp", run["id"]))
        return await self.read(run)

    async def commit(self, run: dict[str, Any]) -> dict[str, Any]:
        await self.order(run)
        return await self.work(run)

    async def undo(self, run: dict[str, Any]) -> dict[str, Any]:
        assert (await self.client.post(f"/imports/{run['id']}/undo")).status_code == 202
        await undo_run(self.database, system_actor(self.operator_id, "test"), decode_id("imp", run["id"]))
        return await self.read(run)

    async def read(self, run: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"/imports/{run['id']}")).json()
        return found

    async def count(self, model: Any, *conditions: Any) -> int:
        async with self.database.transaction(self.operator_id) as uow:
            query = (
                select(func.count())
                .select_from(model)
                .where(model.operator_id == self.operator_id, *conditions)
            )
            return int(await uow.session.scalar(query) or 0)

    async def all(self, model: Any) -> list[Any]:
        async with self.database.transaction(self.operator_id) as uow:
            return list(await uow.session.scalars(select(model).where(model.operator_id == self.operator_id)))


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    operator_id = await make_operator(database)
    app = make_api(database, routers=all_routers())
    async with client_of(app, await make_key(database, operator_id), timeout=120) as client:
        yield Desk(database, operator_id, client)


class TestFiles:
    async def test_a_semicolon_a_decimal_comma_and_german_heads_are_understood(self, desk: Desk) -> None:
        run = await desk.upload("locations", ("\ufeff" + PLACES).encode())
        assert (run["encoding"], run["delimiter"]) == ("utf-8", ";")
        assert run["mapping"] == {"name": 0, "country": 1, "time_zone": 2, "latitude": 3, "longitude": 4}
        assert run["counts"] == {"create": 2, "update": 0, "unchanged": 0, "error": 0}
        assert (await desk.commit(run))["state"] == "done"
        garage = next(row for row in await desk.all(Location) if row.name == "Garage")
        assert (garage.latitude, garage.longitude, garage.country) == (Decimal("52.5"), Decimal("13.4"), "DE")

    @pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
    async def test_every_usual_encoding_is_read(self, desk: Desk, encoding: str) -> None:
        run = await desk.upload(
            "locations", "name,country,time_zone\nHöfe,DE,Europe/Berlin\n".encode(encoding)
        )
        (row,) = await desk.rows(run)
        assert row["name"] == "Höfe"

    async def test_what_is_no_table_is_refused_with_the_reason(self, desk: Desk) -> None:
        assert await desk.refused(b"value\na\0b\n") == "not_text"
        assert await desk.refused(b"PK\x03\x04rest of a sheet") == "not_text"
        assert await desk.refused(b"   \n") == "empty"
        assert await desk.refused(b"value\n") == "header_only"
        assert await desk.refused(b"value\n" + b"x" * 2001 + b"\n") == "cell_too_long"
        assert await desk.refused(b"value\n" + b"x\n" * 20_001) == "too_many_rows"
        assert await desk.refused(b"value\n" + b"," * 101 + b"x\n") == "too_many_columns"
        assert await desk.refused(b'value\n"x"y\n') == "broken_quotes"
        assert await desk.refused(b"v" * 3_500_001) == "too_large"

    async def test_each_fault_has_its_line_field_and_words(self, desk: Desk) -> None:
        run = await desk.upload(
            "locations",
            "name,country,time_zone,latitude,opening_hours\n"
            "A,Germany,Europe/Berlin,,\n"
            "B,DE,Berlin,95,always\n"
            "C,,Europe/Berlin,,\n"
            "D,DE,Europe/Berlin,,Mo-Fr 08:00-20:00; Sa 9:00-14:00\n"
            "D,DE,Europe/Berlin,,24/7\n",
        )
        assert run["counts"]["error"] == 4
        rows = await desk.rows(run, plan="error")
        told = {(row["line"], fault["field"], fault["code"]) for row in rows for fault in row["errors"]}
        assert told == {
            (2, "country", "NotACountry"), (3, "time_zone", "UnknownTimeZone"), (3, "latitude", "OutOfRange"),
            (3, "opening_hours", "NotOpeningHours"), (4, "country", "Missing"), (6, None, "TwiceInFile"),
        }  # fmt: skip
        report = await desk.client.get(f"/imports/{run['id']}/rows", params={"format": "csv"})
        assert "country: 'Germany' is no country code of two letters" in report.text
        refused = await desk.client.post(f"/imports/{run['id']}/commit")
        assert (refused.status_code, refused.json()["code"]) == (409, "ImportHasErrors")

    async def test_columns_can_be_assigned_by_hand(self, desk: Desk) -> None:
        run = await desk.upload("tokens", "Chip,Text\nAB12,left\n")
        assert run["counts"]["error"] == 1
        again = await desk.client.post(
            f"/imports/{run['id']}/check", json={"mapping": {"value": 0, "visual_number": 1}}
        )
        assert again.json()["counts"]["create"] == 1
        for wrong in ({"colour": 0}, {"value": 7}, {"value": 0, "issuer": 0}):
            answer = await desk.client.post(f"/imports/{run['id']}/check", json={"mapping": wrong})
            assert answer.json()["code"] == "MappingUnusable"

    async def test_a_template_can_be_imported_as_it_is(self, desk: Desk) -> None:
        await desk.commit(await desk.upload("locations", PLACES))
        await desk.client.post("/token-groups", json={"name": "Fleet", "code": "FLEET-7"})
        for kind in ("locations", "tokens", "stations"):
            template = await desk.client.get(f"/import-kinds/{kind}/template")
            run = await desk.upload(kind, template.content)
            rows = await desk.rows(run)
            assert [row["errors"] for row in rows] == [[]], kind
            assert (await desk.commit(run))["state"] == "done"

    async def test_a_report_is_no_formula(self, desk: Desk) -> None:
        run = await desk.upload("locations", "name,country,time_zone\n=1+1,DE,Europe/Berlin\n")
        report = await desk.client.get(f"/imports/{run['id']}/rows", params={"format": "csv"})
        assert "'=1+1" in report.text
        assert ",=1+1" not in report.text


class TestTenThousandRows:
    async def test_one_that_is_wrong_leaves_nothing_and_without_it_all_are_written_and_undone(
        self, desk: Desk
    ) -> None:
        lines = [f"T{number:06d},{number}" for number in range(10_000)]
        wrong = [*lines[:7000], "-- --,7", *lines[7000:]]
        run = await desk.upload("tokens", "uid,number\n" + "\n".join(wrong))
        assert run["counts"] == {"create": 10_000, "update": 0, "unchanged": 0, "error": 1}
        (row,) = await desk.rows(run, plan="error")
        assert (row["line"], row["errors"][0]["code"]) == (7002, "NoToken")
        assert (await desk.client.post(f"/imports/{run['id']}/commit")).status_code == 409
        assert await desk.count(IdToken) == 0

        good = await desk.commit(await desk.upload("tokens", "uid,number\n" + "\n".join(lines)))
        assert (good["state"], good["progress"]) == ("done", 10_000)
        assert await desk.count(IdToken) == 10_000
        again = await desk.upload("tokens", "uid,number\n" + "\n".join(lines))
        assert again["counts"]["unchanged"] == 10_000
        assert again["same_file"] == good["id"]

        undone = await desk.undo(good)
        assert (undone["state"], undone["counts"]["undone"], undone["counts"]["kept"]) == (
            "undone",
            10_000,
            0,
        )
        assert await desk.count(IdToken) == 0


class TestCommit:
    async def test_the_same_file_twice_creates_nothing_twice(self, desk: Desk) -> None:
        for _ in range(2):
            run = await desk.commit(await desk.upload("locations", PLACES))
        assert run["counts"] == {"create": 0, "update": 0, "unchanged": 2, "error": 0}
        assert await desk.count(Location) == 2

    async def test_a_job_that_runs_twice_writes_once(self, desk: Desk) -> None:
        run = await desk.upload("locations", PLACES)
        await desk.order(run)
        await asyncio.gather(desk.work(run), desk.work(run))
        assert await desk.count(Location) == 2
        assert (await desk.client.post(f"/imports/{run['id']}/commit")).json()["code"] == "ImportNotReady"

    async def test_two_at_once_with_the_same_rows_make_them_once(self, desk: Desk) -> None:
        await desk.commit(await desk.upload("locations", PLACES))
        table = "identity,location\n" + "".join(f"CP-{n},Garage\n" for n in range(700))
        runs = [await desk.upload("stations", table), await desk.upload("stations", table.lower())]
        for run in runs:
            await desk.order(run)
        done = await asyncio.gather(*(desk.work(run) for run in runs))
        assert [run["state"] for run in done] == ["done", "done"]
        assert sorted(run["counts"]["create"] for run in done) == [0, 700]
        assert await desk.count(Station) == 700

    async def test_what_changed_since_the_check_is_not_written_over(self, desk: Desk) -> None:
        run = await desk.upload("locations", PLACES)
        other = {"name": "garage", "country": "FR", "time_zone": "Europe/Paris"}
        await desk.client.post("/locations", json=other)
        failed = await desk.commit(run)
        assert (failed["state"], failed["error"]["code"]) == ("checked", "Outdated")
        assert failed["counts"] == {"create": 1, "update": 1, "unchanged": 0, "error": 0}
        assert await desk.count(Location) == 1
        (changed,) = await desk.rows(run, plan="update")
        assert changed["before"]["country"] == "FR"
        assert changed["after"]["country"] == "DE"
        assert (await desk.commit(run))["state"] == "done"

    async def test_empty_cells_leave_what_is_there(self, desk: Desk) -> None:
        await desk.client.post(
            "/locations",
            json={"name": "Garage", "country": "DE", "time_zone": "Europe/Berlin", "city": "Berlin"},
        )
        run = await desk.commit(await desk.upload("locations", "name,city,address\nGarage,,Zoo 1\n"))
        assert run["counts"]["update"] == 1
        (location,) = await desk.all(Location)
        assert (location.city, location.address, location.revision) == ("Berlin", "Zoo 1", 2)

    async def test_names_and_ids_both_say_where_stations_stand(self, desk: Desk) -> None:
        await desk.commit(await desk.upload("locations", PLACES))
        (hof,) = (await desk.client.get("/locations", params={"q": "Hof"})).json()["items"]
        run = await desk.upload("stations", f"identity,location\nA,garage\nB,{hof['id']}\nC,Nowhere\nD,\n")
        faults = {row["name"]: row["errors"] for row in await desk.rows(run)}
        assert (faults["A"], faults["B"]) == ([], [])
        assert (faults["C"][0]["code"], faults["D"][0]["code"]) == ("LocationUnknown", "Missing")

    async def test_files_that_nobody_commits_are_forgotten(self, desk: Desk) -> None:
        run = await desk.upload("locations", PLACES)
        async with desk.database.transaction(role="system") as uow:
            connection = await uow.connection()
            await connection.execute(
                "UPDATE import_run SET created_at = created_at - interval '8 days' WHERE id = %s",
                (decode_id("imp", run["id"]),),
            )
        assert await forget_uncommitted(desk.database) >= 1
        assert (await desk.client.get(f"/imports/{run['id']}")).status_code == 404


class TestPasswords:
    async def test_are_made_and_told_once(self, desk: Desk) -> None:
        await desk.commit(await desk.upload("locations", PLACES))
        run = await desk.commit(
            await desk.upload("stations", "identity,location,allow plain\nA,Hof,no\nB,Hof,yes\n")
        )
        assert run["passwords_ready"]
        assert await desk.count(StationCredential) == 0
        told = await desk.client.post(f"/imports/{run['id']}/passwords")
        (item,) = told.json()["items"]
        assert (item["identity"], item["line"], len(item["password"])) == ("A", 2, 20)
        assert told.headers["cache-control"] == "no-store"
        assert not (await desk.read(run))["passwords_ready"]
        again = await desk.client.post(f"/imports/{run['id']}/passwords")
        assert again.json()["code"] == "PasswordsTaken"
        async with desk.database.transaction(role="system") as uow:
            connection = await uow.connection()
            cursor = await connection.execute(
                "SELECT r::text FROM import_row r UNION ALL SELECT r::text FROM import_run r"
            )
            assert not any(item["password"] in row[0] for row in await cursor.fetchall())


class TestUndo:
    async def test_what_is_in_use_or_was_changed_since_stays_and_says_why(self, desk: Desk) -> None:
        await desk.client.post(
            "/locations", json={"name": "Old", "country": "DE", "time_zone": "Europe/Berlin"}
        )
        await desk.client.post(
            "/locations", json={"name": "Both", "country": "DE", "time_zone": "Europe/Berlin"}
        )
        table = PLACES.replace(";;\n", ";;\nOld;FR;Europe/Paris;;\nBoth;FR;Europe/Paris;48.85;2.35\n")
        run = await desk.commit(await desk.upload("locations", table))
        assert run["counts"] == {"create": 2, "update": 2, "unchanged": 0, "error": 0}
        rows = {row["name"]: row for row in await desk.rows(run)}
        await desk.client.patch(f"/locations/{rows['Both']['subject_id']}", json={"city": "Paris"})
        await desk.client.post(
            "/stations", json={"identity": "X", "location_id": rows["Garage"]["subject_id"]}
        )
        undone = await desk.undo(run)
        assert (undone["counts"]["undone"], undone["counts"]["kept"]) == (2, 2)
        reasons = {row["name"]: row["kept_because"] for row in await desk.rows(run)}
        assert reasons == {"Garage": "HasStations", "Hof": None, "Old": None, "Both": "ChangedSince"}
        now = {row.name: row for row in await desk.all(Location)}
        assert (now["Old"].country, now["Old"].time_zone) == ("DE", "Europe/Berlin")
        assert (now["Both"].country, now["Both"].city) == ("FR", "Paris")
        assert now["Hof"].retired_at is not None
        assert now["Garage"].retired_at is None
        assert (await desk.client.post(f"/imports/{run['id']}/undo")).json()["code"] == "ImportNotReady"

    async def test_stations_that_connected_stay_and_the_others_give_their_identity_free(
        self, desk: Desk
    ) -> None:
        await desk.commit(await desk.upload("locations", PLACES))
        table = "identity,location\nA,Hof\nB,Hof\n"
        run = await desk.commit(await desk.upload("stations", table))
        async with desk.database.transaction(desk.operator_id) as uow:
            station = await uow.session.scalar(
                select(Station).where(Station.operator_id == desk.operator_id, Station.identity == "A")
            )
            assert station is not None
            station.link_epoch = 1
        assert (await desk.undo(run))["counts"]["kept"] == 1
        again = await desk.upload("stations", table)
        assert (again["counts"]["create"], again["counts"]["unchanged"]) == (1, 1)

    async def test_a_card_that_somebody_used_stays(self, desk: Desk) -> None:
        await desk.client.post("/tokens", json={"value": "OLD", "visual_number": "1"})
        table = "uid,number,gültig bis\nOLD,2,31.12.2030\nNEW,3,\nUSED,4,\n"
        run = await desk.commit(await desk.upload("tokens", table))
        tokens = {row.value: row for row in await desk.all(IdToken)}
        async with desk.database.transaction(desk.operator_id) as uow:
            uow.session.add(
                Authorisation(
                    operator_id=desk.operator_id, at=uow.clock.now(), kind="authorize", station_id=new_id(),
                    token_id=tokens["USED"].id, token_value="USED", status="accepted",
                )
            )  # fmt: skip
        await desk.undo(run)
        left = {row.value: (row.visual_number, row.valid_until) for row in await desk.all(IdToken)}
        assert left == {"OLD": ("1", None), "USED": ("4", None)}

    async def test_a_list_of_the_api_is_undone_like_a_file(self, desk: Desk) -> None:
        body = {"tokens": [{"value": "A1"}, {"value": "a-1"}, {"value": "B2", "issuer": "X"}]}
        assert (await desk.client.post("/tokens/import", json=body)).json() == {"created": 2, "existing": 1}
        (run,) = (await desk.client.get("/imports")).json()["items"]
        assert (run["source"], run["state"]) == ("api", "done")
        assert (await desk.undo(run))["counts"]["undone"] == 2
        assert await desk.count(IdToken) == 0


class TestPermissions:
    async def test_each_kind_needs_its_own(self, desk: Desk) -> None:
        run = await desk.upload("locations", PLACES)
        key = await make_key(
            desk.database, desk.operator_id, permissions=["imports:read", "imports:write", "tokens:write"]
        )
        async with client_of(make_api(desk.database, routers=all_routers()), key) as client:
            body = {
                "kind": "locations",
                "filename": "x",
                "content": base64.b64encode(PLACES.encode()).decode(),
            }
            for answer in (
                await client.post("/imports", json=body),
                await client.post(f"/imports/{run['id']}/commit"),
                await client.get(f"/imports/{run['id']}/rows"),
            ):
                assert answer.json()["code"] == "PermissionMissing", answer.text
            assert (await client.get("/imports")).json()["items"] == []
