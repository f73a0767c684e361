"""The inbox of unknown stations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import or_, select

from forecourt.identity.access import operator_of
from forecourt.identity.edits import WantsCsv
from forecourt.identity.queries import get_operator
from forecourt.kit.ids import decode_id, encode_id
from forecourt.kit.paging import Page
from forecourt.network.adopt_station import AdoptStation, adopt_station
from forecourt.network.decide_knock import close_window, decide_knock, list_open_windows, open_window
from forecourt.network.endpoints.access import (
    DEFAULT_PAGE,
    Cursor,
    PageLimit,
    ReadInbox,
    Sort,
    Words,
    WriteInbox,
    pepper_of,
)
from forecourt.network.listing import answer, fetch_page, text_filter
from forecourt.network.match_knock import match_knock
from forecourt.network.models import Knock
from forecourt.network.queries import get_knock
from forecourt.network.schemas.hardware import StationOut, StationWithPassword
from forecourt.network.schemas.operations import (
    AdoptIn,
    ChargerAddress,
    KnockMatches,
    KnockOut,
    LocationMatch,
    ReportedOutlet,
    WindowIn,
    WindowOut,
)

router = APIRouter(prefix="/inbox", tags=["inbox"])
_SORTS = {"last_at": Knock.last_at, "first_at": Knock.first_at, "identity": Knock.identity}


@router.get("/knocks", response_model=Page[KnockOut])
async def list_knocks(
    uow: ReadInbox,
    csv: WantsCsv,
    q: Words = None,
    state: Annotated[str, Query(pattern="^(waiting|adopted|refused|blocked)$")] = "waiting",
    sort: Sort = "-last_at",
    cursor: Cursor = None,
    limit: PageLimit = DEFAULT_PAGE,
) -> Any:
    """Who knocked and was not let in for good, latest first."""
    query = select(Knock).where(Knock.operator_id == operator_of(uow), Knock.state == state)
    if q:
        query = query.where(or_(text_filter(Knock.identity, q), text_filter(Knock.remote_address, q)))

    async def fetch(position: str | None, size: int) -> Any:
        return await fetch_page(uow, query, model=Knock, sorts=_SORTS, sort=sort, cursor=position, limit=size)

    async def show(rows: list[Knock]) -> list[KnockOut]:
        return [KnockOut.of(row) for row in rows]

    return await answer(fetch, show, KnockOut, csv=csv, cursor=cursor, limit=limit, filename="knocks.csv")


@router.get("/knocks/{knock}")
async def read_knock(knock: str, uow: ReadInbox) -> KnockOut:
    """One knock."""
    return KnockOut.of(await get_knock(uow, decode_id("knk", knock)))


@router.get("/knocks/{knock}/matches")
async def matches(knock: str, uow: WriteInbox) -> KnockMatches:
    """Where it may stand, judging by its address and name, and who else has its serial number or model."""
    found = await match_knock(await get_knock(uow, decode_id("knk", knock)), uow=uow)
    return KnockMatches(
        locations=[
            LocationMatch(
                location_id=encode_id("loc", match.location.id),
                name=match.location.name,
                city=match.location.city,
                reason=match.reason,
                stations=list(match.identities),
            )
            for match in found.locations
        ],
        same_serial=found.same_serial,
        same_model=found.same_model,
        outlets=[ReportedOutlet(**asdict(outlet)) for outlet in found.outlets],
    )


@router.post("/knocks/{knock}/adopt", status_code=201)
async def adopt(
    knock: str, body: AdoptIn, uow: WriteInbox, request: Request, response: Response
) -> StationWithPassword:
    """Make it a station of a location, with EVSEs and connectors as it reported them. Its new password is told
    this once."""
    state = request.app.state
    command = AdoptStation(
        knock_id=decode_id("knk", knock),
        location_id=decode_id("loc", body.location_id),
        label=body.label,
        security_profile=body.security_profile,
        password=body.password,
        push_password=body.push_password,
        free_vend=body.free_vend,
    )
    adopted = await adopt_station(
        command, uow=uow, stations=state.stations, database=state.database, pepper=pepper_of(request)
    )
    response.headers["Cache-Control"] = "no-store"
    return StationWithPassword(station=StationOut.of(adopted.station), password=adopted.password)


@router.post("/knocks/{knock}/refuse")
async def refuse(knock: str, uow: WriteInbox, request: Request) -> KnockOut:
    """Not now: it stays out, and may be adopted later."""
    stations = request.app.state.stations
    return KnockOut.of(await decide_knock(decode_id("knk", knock), "refused", uow=uow, stations=stations))


@router.post("/knocks/{knock}/block")
async def block(knock: str, uow: WriteInbox, request: Request) -> KnockOut:
    """Never: it stays out."""
    stations = request.app.state.stations
    return KnockOut.of(await decide_knock(decode_id("knk", knock), "blocked", uow=uow, stations=stations))


@router.post("/knocks/{knock}/reopen")
async def reopen(knock: str, uow: WriteInbox, request: Request) -> KnockOut:
    """Take a refusal or a block back."""
    stations = request.app.state.stations
    return KnockOut.of(await decide_knock(decode_id("knk", knock), "waiting", uow=uow, stations=stations))


@router.get("/addresses")
async def addresses(uow: ReadInbox, request: Request) -> list[ChargerAddress]:
    """What to enter into a charger so that it connects here; the station's identity is appended to it."""
    settings: Any = request.app.state.settings
    host = urlsplit(settings.public_url).hostname or request.url.hostname or "localhost"
    slug = (await get_operator(uow)).slug
    ports = [("ws", settings.ocpp_port)]
    if settings.certificate_files():
        ports.insert(0, ("wss", settings.ocpp_tls_port))
    return [
        ChargerAddress(url=f"{scheme}://{host}:{port}/ocpp/{slug}/", encrypted=scheme == "wss")
        for scheme, port in ports
    ]


@router.get("/windows")
async def windows(uow: ReadInbox) -> list[WindowOut]:
    """The windows that are open now."""
    return [WindowOut.of(row) for row in await list_open_windows(uow)]


@router.post("/windows", status_code=201)
async def open_(body: WindowIn, uow: WriteInbox) -> WindowOut:
    """Hold the door open: unknown stations come in as pending, so many from one address."""
    return WindowOut.of(
        await open_window(minutes=body.minutes, max_per_address=body.max_per_address, uow=uow)
    )


@router.delete("/windows", status_code=204)
async def close(uow: WriteInbox) -> None:
    """Close the door now."""
    await close_window(uow=uow)
