"""A partner sees what it is granted, while it is granted, and nothing besides."""

from __future__ import annotations

import pytest

from forecourt.kit.database import Database
from forecourt.kit.ids import encode_id
from tests.api.harness import all_routers, client_of, make_api, make_key, make_operator, make_partner

pytest.importorskip("forecourt.network.endpoints")

LOCATION = {
    "name": "Garage",
    "time_zone": "Europe/Berlin",
    "country": "DE",
    "address": "A 1",
    "city": "Berlin",
}


async def test_a_granted_location_appears_and_goes_with_its_grant(database: Database) -> None:
    operator = await make_operator(database)
    partner = await make_partner(database, operator)
    app = make_api(database, routers=all_routers())
    async with (
        client_of(app, await make_key(database, operator)) as admin,
        client_of(app, await make_key(database, operator, partner_id=partner)) as host,
    ):
        example = app.openapi()["components"]["schemas"]["LocationIn"].get("examples", [LOCATION])[0]
        made = [
            await admin.post("/locations", json={**example, "name": name}) for name in ("Granted", "Other")
        ]
        assert [response.status_code for response in made] == [201, 201], made[0].text
        assert (await host.get("/locations")).json()["items"] == []

        location = made[0].json()["id"]
        body = {"subject_type": "location", "subject_id": location}
        granted = await admin.post(f"/partners/{encode_id('ptn', partner)}/grants", json=body)
        assert granted.status_code == 201, granted.text
        assert [item["id"] for item in (await host.get("/locations")).json()["items"]] == [location]
        assert (await host.get(f"/locations/{location}")).status_code == 200
        assert (await host.get(f"/locations/{made[1].json()['id']}")).status_code == 404

        ended = await admin.delete(f"/partner-grants/{granted.json()['id']}")
        assert ended.json()["valid_to"] is not None
        assert (await host.get("/locations")).json()["items"] == []
