"""The operator's own data, its logo, its rules."""

from __future__ import annotations

import base64
import struct
import zlib

from sqlalchemy import select

from forecourt.identity.models import AuditEntry
from forecourt.identity.permissions import Role
from forecourt.kit.database import Database
from tests.api.harness import client_of, make_api, make_operator, make_user, sign_in


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 8, height: int = 8, *, extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + b"\x0a\x65\x73" * width for _ in range(height)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


async def test_what_is_sent_is_changed_and_told(database: Database) -> None:
    operator = await make_operator(database)
    async with client_of(make_api(database)) as client:
        await sign_in(client, await make_user(database, operator))
        read = await client.get("/operator")
        body = {
            "legal_name": "Veldhart Charging B.V.", "country": "NL", "currency": "SEK", "languages": ["de", "en"],
            "support_phone": "+31 20 555 01 00", "support_email": "help@example.org",
            "settings": {"connection_timeout_s": 90}, "security": {"session_idle_minutes": 30},
        }  # fmt: skip
        changed = await client.patch("/operator", json=body, headers={"If-Match": read.headers["ETag"]})
        assert changed.status_code == 200, changed.text
        now = changed.json()
        assert now["security"] == {
            "second_factor_required": False, "session_lifetime_hours": 168, "session_idle_minutes": 30,
        }  # fmt: skip
        assert {key: now[key] for key in body if key != "security"} == {
            key: value for key, value in body.items() if key != "security"
        }
        stale = await client.patch(
            "/operator", json={"name": "X"}, headers={"If-Match": read.headers["ETag"]}
        )
        assert stale.status_code == 412
        cleared = await client.patch(
            "/operator", json={"legal_name": None, "settings": {"connection_timeout_s": None}}
        )
        assert cleared.json()["legal_name"] is None
        assert cleared.json()["settings"] == {}
        for bad in (
            {"currency": "XXQ"},
            {"time_zone": "Mars/Base"},
            {"security": {"session_idle_minutes": 1}},
        ):
            assert (await client.patch("/operator", json=bad)).status_code == 422
    async with database.transaction(operator) as uow:
        query = select(AuditEntry).where(AuditEntry.action == "operator.changed").order_by(AuditEntry.id)
        first = (await uow.session.scalars(query)).first()
    assert first is not None
    assert first.before is not None
    assert first.after is not None
    assert first.before["security.session_idle_minutes"] == 720
    assert first.after["settings.connection_timeout_s"] == 90


async def test_a_logo_is_a_small_png_of_which_only_the_pixels_stay(database: Database) -> None:
    operator = await make_operator(database)
    app = make_api(database)
    async with client_of(app) as client, client_of(app) as viewer:
        await sign_in(client, await make_user(database, operator))
        await sign_in(viewer, await make_user(database, operator, role=Role.VIEWER))
        assert (await client.get("/operator/logo")).json()["code"] == "LogoNotFound"
        secret = chunk(b"tEXt", b"Comment\x00<script>alert(1)</script>")
        sent = base64.b64encode(png(extra=secret)).decode()
        changed = await client.put("/operator/logo", json={"png_base64": sent})
        assert changed.status_code == 200, changed.text
        logo = await viewer.get("/operator/logo")
        assert logo.headers["content-type"] == "image/png"
        assert logo.content == png()
        for bad in (
            b"<svg onload=alert(1)>", png(513, 8), png()[:-20],
            b"\x89PNG\r\n\x1a\n" + b"\x00" * 70_000, png()[:40] + b"!" + png()[41:],
        ):  # fmt: skip
            body = {"png_base64": base64.b64encode(bad).decode()}
            refused = await client.put("/operator/logo", json=body)
            assert refused.status_code == 422, bad[:30]
        refused = await viewer.put("/operator/logo", json={"png_base64": sent})
        assert refused.status_code == 403
        assert (await client.delete("/operator/logo")).json()["logo_sha256"] is None


async def test_the_matrix_of_roles_is_what_counts(database: Database) -> None:
    operator = await make_operator(database)
    app = make_api(database)
    async with client_of(app) as client, client_of(app) as support:
        await sign_in(client, await make_user(database, operator))
        matrix = (await client.get("/roles")).json()
        await sign_in(support, await make_user(database, operator, role=Role.SUPPORT))
        assert (await support.get("/me")).json()["permissions"] == matrix["roles"]["support"]
        assert (await support.get("/roles")).status_code == 403


async def test_the_trail_says_what_a_changed_thing_was_called(database: Database) -> None:
    operator = await make_operator(database)
    async with client_of(make_api(database)) as client:
        await sign_in(client, await make_user(database, operator))
        body = {"email": "kim@example.org", "name": "Kim", "role": "viewer"}
        user = (await client.post("/users", json=body)).json()
        await client.patch(f"/users/{user['id']}", json={"role": "support"})
        changed = (await client.get("/audit", params={"action": "user.updated"})).json()["items"]
    assert [(one["subject_name"], one["before"], one["after"]) for one in changed] == [
        ("Kim", {"role": "viewer"}, {"role": "support"})
    ]
