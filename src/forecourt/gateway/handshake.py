"""The upgrade: whose address is it, may it come in, and which OCPP version do we speak?

Unknown station 404, wrong password 401, unknown subprotocol 400, too many guesses 429 (spec/ocpp.md 3.0, 3.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.gateway.address import read_address
from forecourt.gateway.connection import Link
from forecourt.gateway.directory import StationEntry, retires_others
from forecourt.gateway.knocks import Knock
from forecourt.gateway.transport import Accepted, Refused, Upgrade
from forecourt.ocpp import Version

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway

_REALM = {"WWW-Authenticate": 'Basic realm="OCPP"'}


def choose_version(offered: tuple[str, ...], entry: StationEntry) -> Version | None:
    """The first of the client's names that we speak. Nothing offered: 1.6, if the station is known to do that."""
    for name in offered:
        version = Version.find_by_subprotocol(name)
        if version is not None:
            return version
    return Version.V16 if not offered and entry.assume_16 else None


def decide(gateway: Gateway, upgrade: Upgrade) -> Accepted | Refused:
    """Let the request in as a new link, or refuse it."""
    settings = gateway.settings
    address, secure = upgrade.remote_address, upgrade.secure
    if address in settings.trusted_proxies:
        address = upgrade.headers.get("X-Forwarded-For", address or "").split(",")[-1].strip() or address
        secure = secure or upgrade.headers.get("X-Forwarded-Proto", "").strip().lower() in ("https", "wss")
    readings = read_address(upgrade.target, upgrade.headers.get("Host", ""), settings.aliases)
    if not readings:
        return Refused(404, "no such station")
    for reading in readings:
        slug = reading.operator or settings.default_operator
        entry = gateway.directory.find(slug, reading.identity)
        if entry is not None:
            identity = reading.identity
            break
    else:
        first = readings[0]
        slug = first.operator or settings.default_operator
        gateway.knocks.note(Knock(first.identity, slug, address, upgrade.offered_subprotocols()))
        return Refused(404, "no such station")
    if not entry.admitted:
        return Refused(404, "no such station")
    name = str(entry.station_id)
    if gateway.brake.blocked(name, address):
        return Refused(429, "too many failed attempts", {"Retry-After": "60"})
    verdict = gateway.directory.check(
        entry, identity=identity, authorization=upgrade.headers.get("Authorization"), secure=secure
    )
    if verdict.status != 200:
        if verdict.status == 401 and upgrade.headers.get("Authorization"):
            gateway.brake.failed(name, address)
        return Refused(verdict.status, verdict.reason, _REALM if verdict.status == 401 else {})
    if verdict.credential is not None:
        gateway.brake.succeeded(name, address)
    offered = upgrade.offered_subprotocols()
    version = choose_version(offered, entry)
    if version is None:
        return Refused(400, "no OCPP version in common; we speak ocpp1.6, ocpp2.0.1 and ocpp2.1")
    if verdict.credential is not None and retires_others(entry, verdict.credential):
        gateway.credential_used(entry, verdict.credential.id)
    link = Link(
        gateway,
        entry,
        version=version,
        profile=verdict.profile,
        credential=verdict.credential,
        remote_address=address,
    )
    return Accepted(
        link,
        version.subprotocol if offered else None,
        max_message=int(entry.quirks.get("max_message", settings.max_message)),
        compress=not entry.quirks.get("no_compression", False),
    )
