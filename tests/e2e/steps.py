"""Steps that end-to-end tests share: calls that must succeed, waiting, letting stations in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.chargers import Kind, plug_in
from tests.e2e.conftest import Program


def ok(response: httpx.Response) -> Any:
    assert response.status_code < 300, f"{response.request.url}: {response.status_code} {response.text}"
    return response.json()


async def until(look: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """Look again and again, off the event loop, until there is something."""
    for _ in range(int(seconds / 0.1)):
        found = await asyncio.to_thread(look)
        if found:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never saw {what}")


def publish_tariff(client: httpx.Client, energy: str = "0.50", **where: str) -> None:
    """A tariff of 1.00 EUR a session and `energy` EUR a kWh, with 19 % tax on both, for everything or `where`."""
    prices = [
        {"dimension": "energy", "price": energy, "tax_percent": "19"},
        {"dimension": "flat", "price": "1.00", "tax_percent": "19"},
    ]
    body = {"currency": "EUR", "elements": [{"prices": prices}]}
    tariff = ok(client.post("/tariffs", json={"name": f"City {energy}", "tariff": body}))["id"]
    ok(client.post(f"/tariffs/{tariff}/versions/1/publish"))
    applies = {"tariff_id": tariff, "valid_from": "2026-01-01T00:00:00Z", **where}
    ok(client.post("/tariff-assignments", json=applies))


def add_location(client: httpx.Client) -> str:
    """A place; its id."""
    place = {"name": "Depot", "country": "DE", "time_zone": "Europe/Berlin"}
    return str(ok(client.post("/locations", json=place))["id"])


async def let_in(kind: Kind, program: Program, identity: str, password: str) -> Any:
    """Chargers try again; the directory hears of a change within seconds."""
    for _ in range(150):
        with contextlib.suppress(InvalidStatus):
            return await plug_in(kind, program.ocpp, identity, password)
        await asyncio.sleep(0.2)
    raise AssertionError(f"{identity} was never let in")


async def adopt(client: httpx.Client, program: Program, kind: Kind, identity: str, location: str) -> Any:
    """From a stranger's first knock to an accepted boot: charger, socket, task and the station's id."""
    knock = await knocks(client, program, kind, identity)
    adopted = ok(client.post(f"/inbox/knocks/{knock}/adopt", json={"location_id": location}))
    charger, socket, task = await let_in(kind, program, identity, adopted["password"])
    assert (await charger.boot()).status == "Accepted"
    return charger, socket, task, adopted["station"]["id"]


async def knocks(client: httpx.Client, program: Program, kind: Kind, identity: str) -> str:
    """A stranger is refused, let in while the door is open, and told to wait; tells its knock's id."""
    with pytest.raises(InvalidStatus) as refused:
        await plug_in(kind, program.ocpp, identity, "whatever-password-1")
    assert refused.value.response.status_code == 404
    knock = await until(
        lambda: [k for k in ok(client.get("/inbox/knocks"))["items"] if k["identity"] == identity],
        "the knock",
    )
    ok(client.post("/inbox/windows", json={"minutes": 5}))
    charger, socket, task = await let_in(kind, program, identity, "whatever-password-1")
    assert (await charger.boot()).status == "Pending"
    await charger.status("Available")
    task.cancel()
    await socket.close()
    return str(knock[0]["id"])


async def session_of(client: httpx.Client, **which: Any) -> Any:
    """The one session that fits."""
    rows = await until(lambda: ok(client.get("/sessions", params=which))["items"], f"a session {which}")
    assert len(rows) == 1
    return rows[0]


async def final_price(client: httpx.Client, session: str) -> Any:
    """The price of a session once it is settled."""
    settled = await until(
        lambda: (found := ok(client.get(f"/sessions/{session}/price")))["final"] and found,
        "the charge detail record",
    )
    return settled["price"]
