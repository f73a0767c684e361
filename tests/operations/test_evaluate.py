"""Rules judged from what is stored: one incident a condition, told once, ended by itself or by a person."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text

from forecourt.kit.mail import MailMessage, forget_old_mails
from forecourt.operations.evaluate import evaluate_operator
from forecourt.operations.jobs import forget_old_deliveries
from forecourt.operations.models import AlertChannel, AlertDelivery, AlertRule
from tests.operations.floor import Floor, links


async def add_mail_channel(floor: Floor, *, language: str = "en") -> AlertChannel:
    async with floor.work() as uow:
        channel = AlertChannel(
            operator_id=floor.operator_id, kind="email", name="Duty", recipients=["duty@example.org"],
            language=language,
        )  # fmt: skip
        uow.session.add(channel)
    return channel


async def told(floor: Floor) -> list[str]:
    async with floor.work() as uow:
        rows = await uow.session.scalars(
            select(AlertDelivery.event)
            .where(AlertDelivery.operator_id == floor.operator_id)
            .order_by(AlertDelivery.id)
        )
        return list(rows)


async def events(floor: Floor) -> list[str]:
    async with floor.work() as uow:
        query = text("SELECT type FROM outbox_event WHERE type LIKE 'incident.%' ORDER BY id")
        return [row[0] for row in await uow.session.execute(query)]


class TestRules:
    async def test_every_operator_has_one_of_each_kind(self, floor: Floor) -> None:
        for _ in range(2):
            await floor.evaluate()
        async with floor.work() as uow:
            rows = await uow.session.scalars(select(AlertRule.kind).order_by(AlertRule.kind))
            assert list(rows) == ["connector_faulted", "session_without_energy", "station_offline"]

    async def test_two_processes_at_once_open_one(self, floor: Floor) -> None:
        await floor.link("offline")
        floor.wait(16)
        await asyncio.gather(*(floor.evaluate() for _ in range(4)))
        assert len(await floor.incidents()) == 1


class TestStationOffline:
    async def test_opens_after_its_delay_and_ends_with_the_return(self, floor: Floor) -> None:
        await floor.link("offline")
        floor.wait(14)
        await floor.evaluate()
        assert await floor.incidents() == []
        floor.wait(1)
        await floor.evaluate()
        await floor.evaluate()
        incident = await floor.incident()
        assert (incident.state, incident.kind, incident.subject_id) == (
            "open",
            "station_offline",
            floor.station_ids[0],
        )
        assert incident.facts == {"identity": "CP-1"}
        await floor.link("online")
        await floor.evaluate()
        incident = await floor.incident()
        assert (incident.state, incident.resolve_cause, incident.resolved_by) == (
            "resolved",
            "condition_ended",
            None,
        )
        assert await floor.course(incident) == ["opened", "resolved"]
        assert await events(floor) == ["incident.opened", "incident.resolved"]

    async def test_a_flapping_station_is_one_incident_and_two_mails(self, floor: Floor) -> None:
        await add_mail_channel(floor)
        await floor.set_rule("station_offline", delay_minutes=0, reopen_minutes=30)
        for _ in range(5):
            await floor.link("offline")
            await floor.evaluate()
            floor.wait(1)
            await floor.link("online")
            await floor.evaluate()
            floor.wait(1)
        incident = await floor.incident()
        assert (incident.state, incident.reopened) == ("resolved", 4)
        assert await told(floor) == ["incident.opened", "incident.resolved"]
        await floor.link("offline")
        await floor.evaluate()
        assert len(await told(floor)) == 2
        floor.wait(31)
        await floor.evaluate()
        assert await told(floor) == ["incident.opened", "incident.resolved", "incident.reopened"]

    async def test_much_later_it_is_another(self, floor: Floor) -> None:
        await floor.link("offline")
        floor.wait(15)
        await floor.evaluate()
        await floor.link("online")
        await floor.evaluate()
        floor.wait(60)
        await floor.link("offline")
        floor.wait(15)
        await floor.evaluate()
        assert [row.state for row in await floor.incidents()] == ["resolved", "open"]

    async def test_a_rule_that_is_switched_off_ends_its_incidents(self, floor: Floor) -> None:
        await floor.link("offline")
        floor.wait(15)
        await floor.evaluate()
        await floor.set_rule("station_offline", enabled=False)
        await floor.evaluate()
        assert (await floor.incident()).resolve_cause == "rule_off"


class TestConnectorFaulted:
    async def test_a_fault_under_an_offline_station_stays_open(self, floor: Floor) -> None:
        await floor.fault()
        floor.wait(5)
        await floor.evaluate()
        incident = await floor.incident()
        assert incident.facts == {
            "identity": "CP-1", "evse_uid": "DE*T*E1", "evse_no": 1, "connector_no": 1, "error_code": "GroundFailure",
        }  # fmt: skip
        await floor.link("offline")
        await floor.evaluate()
        assert (await floor.incident()).state == "open"
        await floor.fault(None)
        await floor.evaluate()
        assert (await floor.incident()).state == "resolved"


class TestSessionWithoutEnergy:
    async def test_a_car_that_gets_nothing(self, floor: Floor) -> None:
        lucky = await floor.session(station=1)
        await floor.session()
        floor.wait(10)
        await floor.set_session(lucky, energy_wh=900)
        floor.wait(5)
        await floor.evaluate()
        incident = await floor.incident()
        assert (incident.kind, incident.subject_type) == ("session_without_energy", "session")
        await floor.set_session(incident.subject_id, energy_wh=150)
        await floor.evaluate()
        assert (await floor.incident()).state == "resolved"

    async def test_a_car_that_wants_nothing_is_no_incident(self, floor: Floor) -> None:
        await floor.session(state="suspended_ev")
        floor.wait(60)
        await floor.evaluate()
        assert await floor.incidents() == []


class TestTell:
    async def test_a_mail_says_what_where_since_when_and_where_to_go(self, floor: Floor) -> None:
        await add_mail_channel(floor)
        await add_mail_channel(floor, language="de")
        await floor.fault()
        floor.wait(5)
        await floor.evaluate()
        async with floor.work() as uow:
            rows = await uow.session.scalars(select(MailMessage).order_by(MailMessage.id))
            english, german = list(rows)
        assert english.subject == "Critical: CP-1, connector 1 is faulted (GroundFailure)"
        assert german.subject == "Kritisch: CP-1, Anschluss 1 ist gestört (GroundFailure)"
        assert english.text is not None
        assert "Where: Garage, Berlin" in english.text
        assert "Since: 2026-06-15 14:00 (Europe/Berlin), 5 min ago" in english.text
        assert "https://cpo.example/console/alerts?incident=inc_" in english.text

    async def test_a_rule_tells_its_own_channels_only(self, floor: Floor) -> None:
        await add_mail_channel(floor)
        other = await add_mail_channel(floor)
        await floor.set_rule("station_offline", channel_ids=[str(other.id)])
        await floor.link("offline")
        floor.wait(15)
        await floor.evaluate()
        async with floor.work() as uow:
            rows = await uow.session.scalars(select(AlertDelivery.channel_id))
            assert list(rows) == [other.id]

    async def test_a_rolled_back_evaluation_tells_nobody(self, floor: Floor) -> None:
        await add_mail_channel(floor)
        await floor.link("offline")
        floor.wait(15)

        def broken(path: str) -> str:
            raise RuntimeError(path)

        with pytest.raises(RuntimeError):
            await evaluate_operator(floor.database, floor.operator_id, links=broken)
        assert await floor.incidents() == []
        async with floor.work() as uow:
            assert await uow.session.scalar(select(func.count()).select_from(MailMessage)) == 0
        await evaluate_operator(floor.database, floor.operator_id, links=links)
        assert await told(floor) == ["incident.opened"]


class TestRetention:
    async def test_deliveries_and_mails_go_incidents_stay(self, floor: Floor) -> None:
        await add_mail_channel(floor)
        await floor.link("offline")
        floor.wait(15)
        await floor.evaluate()
        floor.wait(60 * 24 * 89)
        await forget_old_deliveries(floor.database)
        await forget_old_mails(floor.database)
        assert await told(floor) == ["incident.opened"]
        floor.wait(60 * 24 * 4)
        await forget_old_deliveries(floor.database)
        await forget_old_mails(floor.database)
        assert await told(floor) == []
        async with floor.work() as uow:
            assert await uow.session.scalar(select(func.count()).select_from(MailMessage)) == 0
        assert (await floor.incident()).state == "open"
