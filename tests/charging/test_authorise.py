"""Who may charge: tokens, groups, free vending, slow and dead friends."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest

from forecourt.charging.authorise import Authoriser
from forecourt.charging.handler import ChargingHandler
from forecourt.charging.models import IdToken, TokenGroup
from forecourt.charging.own_tokens import OwnTokens, token_key
from forecourt.charging.ports import Guarantee, Limits, Question, Resolution
from forecourt.kit.database import Database
from forecourt.kit.ids import new_id
from forecourt.stations.answers import AuthorizeAnswer, IdTokenAnswer
from forecourt.stations.events import AuthorizeRequested, IdTokenRef

from .site import Site, at, reading, start, transaction_of, values


@pytest.fixture
async def site(database: Database) -> Site:
    return await Site.build(database)


async def ask(
    site: Site, value: str, kind: str | None = None, received_at: datetime = at(0)
) -> IdTokenAnswer:
    (answer,) = await site.drive(AuthorizeRequested(IdTokenRef(value, kind)), received_at=received_at)
    assert isinstance(answer, AuthorizeAnswer)
    return answer.id_token


async def add(site: Site, value: str, **fields: Any) -> None:
    async with site.database.transaction(site.operator_id) as uow:
        uow.session.add(
            IdToken(operator_id=site.operator_id, value=value, value_key=token_key(value), **fields)
        )


async def last_reason(site: Site) -> str | None:
    rows = await site.rows("SELECT reason_code FROM authorisation WHERE operator_id = %(op)s ORDER BY id")
    found: str | None = rows[-1]["reason_code"]
    return found


class TestOwnTokens:
    async def test_are_found_in_any_case(self, site: Site) -> None:
        assert (await ask(site, "04aabbcc")).status == "accepted"
        assert (await ask(site, "04AABBCC", "ISO14443")).status == "accepted"
        assert await site.count("authorisation") == 2

    async def test_that_nobody_knows_are_refused(self, site: Site) -> None:
        assert (await ask(site, "FFFF")).status == "invalid"
        assert await last_reason(site) == "TokenUnknown"

    async def test_carry_their_group(self, site: Site) -> None:
        group_id = new_id()
        async with site.database.transaction(site.operator_id) as uow:
            uow.session.add(TokenGroup(operator_id=site.operator_id, id=group_id, name="F", code="FLEET"))
        await add(site, "A1", group_id=group_id)
        assert (await ask(site, "a1")).group == "FLEET"

    @pytest.mark.parametrize(
        ("fields", "status", "reason"),
        [
            ({"blocked_at": at(-1), "block_reason": "lost"}, "blocked", "TokenBlocked"),
            ({"valid_until": at(-1)}, "expired", "TokenExpired"),
            ({"valid_from": at(1)}, "invalid", "TokenNotYetValid"),
        ],
    )
    async def test_say_why_not(self, site: Site, fields: dict[str, Any], status: str, reason: str) -> None:
        await add(site, "B1", **fields)
        assert (await ask(site, "B1")).status == status
        assert await last_reason(site) == reason

    async def test_of_an_emaid_ignore_separators(self, site: Site) -> None:
        await add(site, "DE-8AA-1A2B3C4D5-9", type="emaid")
        assert (await ask(site, "DE8AA1A2B3C4D59", "eMAID")).status == "accepted"

    async def test_a_free_station_accepts_anybody(self, site: Site) -> None:
        await site.rows("UPDATE station SET free_vend = true WHERE operator_id = %(op)s RETURNING id")
        assert (await ask(site, "")).status == "accepted"
        await add(site, "C1", blocked_at=at(-1))
        assert (await ask(site, "C1")).status == "blocked"

    async def test_no_authorisation_is_accepted(self, site: Site) -> None:
        assert (await ask(site, "", "NoAuthorization")).status == "accepted"


class Friend:
    """A friend that takes its time, or fails."""

    def __init__(self, seconds: float = 0, error: Exception | None = None) -> None:
        self.seconds, self.error = seconds, error

    async def resolve(self, question: Question) -> Resolution | None:
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return None

    async def guarantee(self, question: Question, resolution: Resolution) -> Guarantee:
        return Guarantee(granted=False, reason_code="HoldDeclined", reason_params={"bank": "51"})

    async def limit(self, question: Question, resolution: Resolution) -> Limits:
        return Limits(refused_code="NoPower")


def with_authoriser(site: Site, authoriser: Authoriser) -> None:
    site.handler = ChargingHandler(authoriser=authoriser, prices=site.prices)


class TestFriends:
    async def test_one_that_is_slow_is_decided_by_the_policy(self, site: Site) -> None:
        with_authoriser(site, Authoriser([Friend(10)], budget_s=0.05))
        assert (await ask(site, "X")).status == "invalid"
        assert await last_reason(site) == "FriendTimedOut"
        with_authoriser(site, Authoriser([Friend(10)], budget_s=0.05, on_timeout="accept"))
        assert (await ask(site, "X")).status == "accepted"
        assert await last_reason(site) == "FriendTimedOut"

    async def test_one_that_is_dead_does_not_stop_the_message(self, site: Site) -> None:
        with_authoriser(site, Authoriser([Friend(error=OSError("gone"))]))
        (answer,) = await site.drive(start())
        assert int(transaction_of(answer)) > 0
        assert await last_reason(site) == "FriendFailed"

    async def test_a_slow_one_does_not_delay_the_batches_of_others(self, site: Site) -> None:
        (answer,) = await site.drive(start(0, 1000))
        tx = transaction_of(answer)
        with_authoriser(site, Authoriser([Friend(1.0)]))
        slow = asyncio.create_task(
            site.handler._authoriser.judge(
                Question(
                    operator_id=site.operator_id, station_id=site.station_id, evse_no=1, id_token=IdTokenRef("S"),
                    at=at(0), kind="authorize",
                )
            )
        )  # fmt: skip
        await asyncio.sleep(0)
        began = time.monotonic()
        await site.drive(values(tx, reading(10, 2000)))
        assert time.monotonic() - began < 0.9
        assert not slow.done()
        await slow

    async def test_who_does_not_guarantee_says_why(self, site: Site) -> None:
        with_authoriser(site, Authoriser([OwnTokens(site.database)], guarantor=Friend()))
        assert (await ask(site, "04AABBCC")).status == "no_credit"
        assert await last_reason(site) == "HoldDeclined"

    async def test_a_limit_of_nothing_is_a_refusal(self, site: Site) -> None:
        with_authoriser(site, Authoriser([OwnTokens(site.database)], limiter=Friend()))
        assert (await ask(site, "04AABBCC")).status == "not_at_this_time"
        assert await last_reason(site) == "NoPower"
