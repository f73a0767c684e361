"""What the demo starts from: an operator, a person to sign in, locations, stations, tokens and tariffs.

Everything is looked for first, so that seeding again changes nothing. Passwords are derived from a secret of
the data folder: the second start knows them without storing them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from forecourt.app.settings import Settings
from forecourt.charging.models import IdToken
from forecourt.charging.own_tokens import token_key
from forecourt.identity.actor import system_actor
from forecourt.identity.bootstrap import ensure_operator
from forecourt.identity.create_key import CreateKey, create_key
from forecourt.identity.create_user import CreateUser, create_user
from forecourt.identity.errors import EmailTaken
from forecourt.identity.permissions import Role
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.network.add_station import AddStation, add_station
from forecourt.network.models import Location, Station
from forecourt.pricing.assign_tariff import assign_tariff
from forecourt.pricing.manage_tariffs import create_tariff
from forecourt.pricing.models import Tariff as TariffRow
from forecourt.pricing.publish_version import publish_version
from forecourt.simulator.run import station_specs
from forecourt.simulator.spec import StationSpec
from forecourt.tariff import Condition, Element, PriceComponent, Tariff

OPERATOR = "demo"
EMAIL = "demo@forecourt.example"
TIME_ZONE = "Europe/Berlin"
TOKENS = 200

PLACES = (
    ("Alexanderplatz", 52.5219, 13.4132), ("Potsdamer Platz", 52.5096, 13.3761), ("Hauptbahnhof", 52.5251, 13.3694),
    ("Ostkreuz", 52.5030, 13.4690), ("Südkreuz", 52.4755, 13.3655), ("Gesundbrunnen", 52.5486, 13.3884),
    ("Westkreuz", 52.5011, 13.2839), ("Tempelhofer Hafen", 52.4555, 13.3853), ("Adlershof", 52.4352, 13.5410),
    ("Treptower Park", 52.4935, 13.4611), ("Prenzlauer Allee", 52.5448, 13.4274), ("Schöneweide", 52.4551, 13.5095),
    ("Spandau", 52.5347, 13.1977), ("Steglitz", 52.4560, 13.3220), ("Wannsee", 52.4213, 13.1794),
    ("Köpenick", 52.4588, 13.5812), ("Pankow", 52.5672, 13.4122), ("Marzahn", 52.5436, 13.5413),
    ("Tegel", 52.5883, 13.2895), ("Lichterfelde", 52.4299, 13.3287),
)  # fmt: skip


@dataclass(frozen=True)
class Seeded:
    operator_id: UUID
    email: str
    password: str
    api_key: str
    stations: list[dict[str, Any]]
    id_tags: list[str]


async def seed_demo(
    database: Database, settings: Settings, *, stations: int, progress: Callable[[str], None]
) -> Seeded:
    """Make what is missing and return what the simulation and the reader need."""
    secret = settings.secret("demo").encode()

    def password_of(name: str) -> str:
        return hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()[:20]

    progress("making the demo operator")
    operator_id = await ensure_operator(
        database, slug=OPERATOR, name="Demo Charging", currency="EUR", time_zone=TIME_ZONE
    )
    password = password_of(EMAIL)
    await _ensure_user(database, operator_id, password)
    await ensure_demo_tariff(database, operator_id)
    progress(f"making {len(PLACES)} locations and {stations} stations")
    made = await _ensure_stations(database, operator_id, settings, stations, password_of)
    progress(f"handing out {TOKENS} id tokens")
    tags = await _ensure_tokens(database, operator_id)
    key = await _ensure_key(database, operator_id, settings)
    return Seeded(operator_id, EMAIL, password, key, made, tags)


async def _ensure_user(database: Database, operator_id: UUID, password: str) -> None:
    try:
        async with database.transaction(operator_id, actor=system_actor(operator_id, "demo")) as uow:
            await create_user(
                CreateUser(email=EMAIL, name="Demo", role=Role.OWNER, password=password), uow=uow
            )
    except EmailTaken:
        return


async def _ensure_key(database: Database, operator_id: UUID, settings: Settings) -> str:
    path = settings.data_dir / "secrets" / "demo-api-key"
    if path.exists():
        return path.read_text().strip()
    async with database.transaction(operator_id, actor=system_actor(operator_id, "demo")) as uow:
        _, text = await create_key(CreateKey(name="demo", role=Role.ADMIN), uow=uow)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return text


async def ensure_demo_tariff(database: Database, operator_id: UUID) -> None:
    """One tariff for the whole operator: cheaper at night, with a fee for idling by day."""
    document = Tariff(
        currency="EUR",
        tax_included=True,
        elements=(
            Element(
                name="night",
                when=Condition(start_time="22:00", end_time="06:00"),
                prices=(_price("energy", "0.39"), _price("flat", "0.35")),
            ),
            Element(
                name="day",
                prices=(
                    _price("energy", "0.52"),
                    _price("flat", "0.35"),
                    _price("idle_time", "0.05", unit="minute"),
                ),
            ),
        ),
    )
    async with database.transaction(operator_id, actor=system_actor(operator_id, "demo")) as uow:
        if await uow.session.scalar(select(func.count()).select_from(TariffRow)):
            return
        tariff, version = await create_tariff(
            uow,
            name="City",
            description="Energy by day and by night, start fee, idle fee by day",
            document=document,
        )
        await publish_version(uow, tariff.id, version.number)
        await assign_tariff(
            uow,
            tariff_id=tariff.id,
            location_id=None,
            evse_id=None,
            valid_from=uow.clock.now(),
            valid_to=None,
        )


def _price(dimension: Any, price: str, unit: Any = None) -> PriceComponent:
    return PriceComponent(dimension=dimension, price=Decimal(price), unit=unit, tax_percent=Decimal(19))


async def _ensure_stations(
    database: Database,
    operator_id: UUID,
    settings: Settings,
    count: int,
    password_of: Callable[[str], str],
) -> list[dict[str, Any]]:
    specs: list[StationSpec] = station_specs(count, prefix="DEMO")
    async with database.transaction(operator_id, actor=system_actor(operator_id, "demo")) as uow:
        locations = {row.name: row for row in await uow.session.scalars(select(Location))}
        for name, latitude, longitude in PLACES:
            if name not in locations:
                locations[name] = Location(
                    operator_id=operator_id,
                    id=new_id(),
                    name=name,
                    city="Berlin",
                    country="DE",
                    time_zone=TIME_ZONE,
                    latitude=Decimal(str(latitude)),
                    longitude=Decimal(str(longitude)),
                )
                uow.session.add(locations[name])
        await uow.session.flush()
        known = set(await uow.session.scalars(select(Station.identity)))
        for number, spec in enumerate(specs):
            if spec.identity not in known:
                await add_station(
                    AddStation(
                        identity=spec.identity,
                        location_id=locations[PLACES[number % len(PLACES)][0]].id,
                        label=f"{spec.kind} {spec.max_power_w / 1000:.0f} kW",
                        password=password_of(spec.identity),
                    ),
                    uow=uow,
                    pepper=settings.station_pepper,
                )
    return [
        {
            "identity": spec.identity,
            "password": password_of(spec.identity),
            "version": spec.version,
            "connectors": spec.connectors,
            "kind": spec.kind,
            "max_power_w": spec.max_power_w,
            "model": spec.model,
            "serial_number": spec.serial_number,
        }
        for spec in specs
    ]


async def _ensure_tokens(database: Database, operator_id: UUID) -> list[str]:
    values = [f"{random.Random(number).getrandbits(56):014X}" for number in range(TOKENS)]  # noqa: S311 demo cards
    async with database.transaction(operator_id, actor=system_actor(operator_id, "demo")) as uow:
        known = set(await uow.session.scalars(select(IdToken.value)))
        uow.session.add_all(
            IdToken(operator_id=operator_id, value=value, value_key=token_key(value), type="rfid")
            for value in values
            if value not in known
        )
    return values
