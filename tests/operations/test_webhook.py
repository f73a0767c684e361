"""Webhooks: signed, tried again, recorded; and never into our own network."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from forecourt.identity.permissions import ALL
from forecourt.kit.crypto import SecretBox
from forecourt.kit.ids import encode_id
from forecourt.operations.deliver import MAX_ATTEMPTS, WebhookNotTaken, deliver
from forecourt.operations.errors import WebhookAddressRefused
from forecourt.operations.manage_channels import create_channel, rotate_secret
from forecourt.operations.models import AlertDelivery
from forecourt.operations.tell import tell_test
from forecourt.operations.webhook import WebhookUnreachable, check_url, is_public, resolve, sign
from tests.api.harness import all_routers, client_of, make_api, make_key
from tests.operations.floor import Floor, links
from tests.operations.receivers import Hook, hook_server, verify

BOX = SecretBox({"test": bytes(32)}, "test")


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hook_server() as hook:
        yield hook


async def make(floor: Floor, url: str) -> tuple[UUID, str, UUID]:
    """A webhook with a delivery that waits: ids and secret."""
    async with floor.work() as uow:
        fields = {"name": "Desk", "url": url, "recipients": None, "language": "en", "enabled": True}
        channel, secret = await create_channel(
            uow, kind="webhook", fields=fields, box=BOX, allow_private=True
        )
        (delivery,) = await tell_test(uow, channel, links=links)
    assert secret is not None
    return channel.id, secret, delivery.id


async def call(floor: Floor, delivery_id: UUID, *, allow_private: bool = True) -> None:
    await deliver(
        floor.database,
        BOX,
        operator_id=floor.operator_id,
        delivery_id=delivery_id,
        allow_private=allow_private,
    )


async def read(floor: Floor, delivery_id: UUID) -> AlertDelivery:
    async with floor.work() as uow:
        row: AlertDelivery = await uow.session.get_one(AlertDelivery, (floor.operator_id, delivery_id))
        return row


def test_the_signature_is_hmac_sha256_over_timestamp_and_body() -> None:
    expected = hmac.new(b"s", b'1700000000.{"a":1}', hashlib.sha256).hexdigest()
    assert sign(b'{"a":1}', timestamp=1700000000, secrets=[b"s"]) == f"v1={expected}"
    assert sign(b"", timestamp=1, secrets=[b"new", b"old"]).count("v1=") == 2


class TestDeliver:
    async def test_the_receiver_can_check_who_calls(self, floor: Floor, hook: Hook) -> None:
        _, secret, delivery_id = await make(floor, hook.url)
        await call(floor, delivery_id)
        ((headers, body),) = hook.got
        assert verify(headers, body, secret)
        assert not verify(headers, body + b" ", secret)
        assert not verify(headers, body, secret[:-1])
        assert headers["Forecourt-Event"] == "test"
        assert headers["Forecourt-Delivery"] == json.loads(body)["id"] == encode_id("adl", delivery_id)
        row = await read(floor, delivery_id)
        assert (row.state, row.response_code, row.attempts, row.error) == ("sent", 204, 1, None)

    async def test_twice_is_once(self, floor: Floor, hook: Hook) -> None:
        _, _, delivery_id = await make(floor, hook.url)
        await call(floor, delivery_id)
        await call(floor, delivery_id)
        assert len(hook.got) == 1

    async def test_a_refusal_is_tried_again(self, floor: Floor, hook: Hook) -> None:
        _, _, delivery_id = await make(floor, hook.url)
        hook.answers = [503]
        with pytest.raises(WebhookNotTaken, match="503"):
            await call(floor, delivery_id)
        row = await read(floor, delivery_id)
        assert (row.state, row.response_code, row.error) == ("waiting", 503, "answered 503")
        await call(floor, delivery_id)
        row = await read(floor, delivery_id)
        assert (row.state, row.response_code, row.attempts) == ("sent", 204, 2)

    async def test_it_is_given_up_in_the_end(self, floor: Floor, hook: Hook) -> None:
        _, _, delivery_id = await make(floor, hook.url)
        hook.answers = [500] * MAX_ATTEMPTS
        for _ in range(MAX_ATTEMPTS - 1):
            with pytest.raises(WebhookNotTaken):
                await call(floor, delivery_id)
        await call(floor, delivery_id)
        row = await read(floor, delivery_id)
        assert (row.state, row.attempts, row.response_code) == ("failed", MAX_ATTEMPTS, 500)

    async def test_gone_is_believed(self, floor: Floor, hook: Hook) -> None:
        _, _, delivery_id = await make(floor, hook.url)
        hook.answers = [410]
        await call(floor, delivery_id)
        assert (await read(floor, delivery_id)).state == "failed"

    async def test_a_redirect_is_not_followed(self, floor: Floor, hook: Hook) -> None:
        _, _, delivery_id = await make(floor, hook.url)
        hook.answers, hook.location = [307], hook.url
        with pytest.raises(WebhookNotTaken, match="307"):
            await call(floor, delivery_id)
        assert len(hook.got) == 1

    async def test_nobody_there(self, floor: Floor, free_port: int) -> None:
        _, _, delivery_id = await make(floor, f"http://127.0.0.1:{free_port}/")
        with pytest.raises(WebhookNotTaken, match="refused"):
            await call(floor, delivery_id)
        assert (await read(floor, delivery_id)).response_code is None

    async def test_an_address_inside_is_refused_at_the_call_too(self, floor: Floor, hook: Hook) -> None:
        _, _, delivery_id = await make(floor, hook.url)
        await call(floor, delivery_id, allow_private=False)
        row = await read(floor, delivery_id)
        assert (row.state, hook.got) == ("failed", [])

    async def test_after_a_rotation_both_secrets_sign_for_a_day(self, floor: Floor, hook: Hook) -> None:
        channel_id, old, delivery_id = await make(floor, hook.url)
        async with floor.work() as uow:
            channel, new = await rotate_secret(uow, channel_id, box=BOX, if_revision=None)
            (later,) = await tell_test(uow, channel, links=links)
        await call(floor, delivery_id)
        floor.clock.advance(timedelta(hours=25))
        await call(floor, later.id)
        (first, second) = hook.got
        assert verify(*first, old)
        assert verify(*first, new)
        assert not verify(*second, old)
        assert verify(*second, new)


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org/", "https://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1/", "https://[::1]/",
            "https://169.254.169.254/latest/meta-data", "https://localhost/", "https://db.internal/",
            "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
            "https://[fe80::1]/", "https://0.0.0.0/", "https://100.64.0.1/", "https://224.0.0.1/",
            "https://user:pw@example.org/", "file:///etc/passwd", "gopher://example.org/", "https://", "https://a b/",
            "https://example.org:99999/",
        ],
    )  # fmt: skip
    def test_what_is_refused(self, url: str) -> None:
        with pytest.raises(WebhookAddressRefused):
            check_url(url, allow_private=False)

    @pytest.mark.parametrize(
        "url", ["https://example.org/hook?x=1", "https://example.org:8443/", "https://93.184.216.34/"]
    )
    def test_what_is_not(self, url: str) -> None:
        assert check_url(url, allow_private=False).hostname

    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("8.8.8.8", True), ("2606:4700::1111", True), ("172.16.0.1", False), ("fc00::1", False),
            ("::ffff:10.0.0.1", False), ("ff02::1", False), ("::", False),
        ],
    )  # fmt: skip
    def test_public_or_not(self, address: str, public: bool) -> None:
        assert is_public(ipaddress.ip_address(address)) is public

    def test_a_name_that_leads_inside_is_refused(self) -> None:
        with pytest.raises(WebhookAddressRefused, match="not a public address"):
            resolve("localhost", 443, allow_private=False)

    def test_a_name_that_leads_nowhere(self) -> None:
        with pytest.raises(WebhookUnreachable, match="does not resolve"):
            resolve("nobody.invalid", 443, allow_private=False)


class TestEndpoints:
    async def test_the_secret_is_told_once_and_kept_sealed(self, floor: Floor) -> None:
        key = await make_key(floor.database, floor.operator_id, permissions=tuple(sorted(ALL)))
        async with client_of(make_api(floor.database, routers=all_routers()), key) as client:
            made = await client.post(
                "/alert-channels", json={"kind": "webhook", "name": "Desk", "url": "https://desk.example/"}
            )
            assert made.status_code == 201, made.text
            assert made.headers["Cache-Control"] == "no-store"
            secret = made.json()["secret"]
            assert secret.startswith("fcw_")
            seen = await client.get(f"/alert-channels/{made.json()['channel']['id']}")
            assert secret not in seen.text
            inside = await client.post(
                "/alert-channels", json={"kind": "webhook", "name": "Desk", "url": "https://10.0.0.1/"}
            )
            assert (inside.status_code, inside.json()["code"]) == (422, "WebhookAddressRefused")
            half = await client.post("/alert-channels", json={"kind": "email", "name": "Duty"})
            assert half.json()["code"] == "ChannelIncomplete"
        async with floor.database.transaction(role="system") as uow:
            rows = await uow.session.execute(
                text("SELECT secret FROM alert_channel WHERE operator_id = :own AND kind = 'webhook'"),
                {"own": floor.operator_id},
            )
            sealed = [bytes(row[0]) for row in rows]
        assert len(sealed) == 1
        assert secret.encode() not in sealed[0]
