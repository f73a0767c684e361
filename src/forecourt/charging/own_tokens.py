"""The first token resolvers: the operator's own tokens, tags of remote starts, and free vending."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from forecourt.charging.correlate import WINDOW
from forecourt.charging.ports import Question, Resolution
from forecourt.kit.database import Database

_TYPES: Final = {
    "iso14443": "rfid", "iso15693": "rfid", "emaid": "emaid", "macaddress": "mac", "central": "central",
    "keycode": "key_code", "local": "local", "noauthorization": "free_vend", "directpayment": "direct_payment",
    "evccid": "evccid", "vin": "vin",
}  # fmt: skip
PRECEDENCE: Final = ("rfid", "emaid", "app", "mac", "central")
"""An OCPP 1.6 tag has no type: the first of these that has the value wins, then any other."""
_SEPARATORS: Final = str.maketrans("", "", "-* ")

_QUERY: Final = text("""
SELECT t.id, t.type, t.issuer, t.contract_id, t.language, t.valid_from, t.valid_until, t.blocked_at, t.block_reason,
    g.id AS group_id, g.code AS group_code,
    (SELECT p.partner_id FROM partner_grant p WHERE p.operator_id = t.operator_id AND p.subject_type = 'token_group'
        AND p.subject_id = t.group_id AND p.valid_from <= :at AND (p.valid_to IS NULL OR p.valid_to > :at)
        LIMIT 1) AS fleet_partner_id,
    (SELECT o.settings -> 'one_session_per_token' = 'true' FROM operator o WHERE o.id = t.operator_id) AS one_at_a_time
FROM id_token t LEFT JOIN token_group g ON g.operator_id = t.operator_id AND g.id = t.group_id
WHERE t.operator_id = :operator AND t.value_key = ANY(:keys)
""")
_FREE: Final = text("SELECT free_vend FROM station WHERE operator_id = :operator AND id = :station")
_REMOTE: Final = text("""
SELECT id, params FROM command
WHERE operator_id = :operator AND station_id = :station AND kind = 'remote-start'
    AND status IN ('pending', 'sent', 'accepted', 'timed_out', 'effective') AND created_at > :since
    AND lower(params ->> 'id_token') = :value
ORDER BY created_at DESC LIMIT 1
""")


def token_type(said: str | None) -> str | None:
    """Our type for the type that a station names; `None` for OCPP 1.6 and for the unheard of."""
    return None if said is None else _TYPES.get(said.lower(), said.lower())


def token_key(value: str) -> str:
    """What two spellings of a token have in common: lower case, without separators (eMAID)."""
    return value.strip().lower().translate(_SEPARATORS)


class OwnTokens:
    """Looks the token up among the operator's own (adapter of `ports.TokenResolver`)."""

    def __init__(self, database: Database) -> None:
        """Ask this database, in a transaction of its own for each question."""
        self._database = database

    async def resolve(self, question: Question) -> Resolution | None:
        """The token's holder or the refusal with its reason; `None` when the value is not known."""
        value = question.id_token.value.strip()
        said = token_type(question.id_token.type)
        async with self._database.transaction(question.operator_id) as uow:
            where = {"operator": question.operator_id, "station": question.station_id}
            if said != "free_vend" and value:
                rows = await uow.session.execute(
                    _QUERY, {**where, "keys": list({token_key(value), value.lower()}), "at": question.at}
                )
                found = _best([dict(row._mapping) for row in rows], said)
                if found is not None:
                    return _judge(found, question)
                since = question.at - WINDOW
                remote = (
                    await uow.session.execute(_REMOTE, {**where, "since": since, "value": value.lower()})
                ).first()
                if remote is not None:
                    return Resolution(status="accepted", token_type="central", command_id=remote.id)  # noqa: S106
            free = await uow.session.scalar(_FREE, where)
        if free or said == "free_vend":
            # A station decides itself whether it needs no authorisation (OCPP 2.x C02.FR.02).
            return Resolution(status="accepted", token_type="free_vend")  # noqa: S106
        return None


def _best(rows: list[dict[str, Any]], said: str | None) -> dict[str, Any] | None:
    if said is not None:
        same = [row for row in rows if row["type"] == said]
        rows = same or [row for row in rows if row["type"] in ("rfid", "app", "central")]
    order = {kind: index for index, kind in enumerate(PRECEDENCE)}
    return min(rows, key=lambda row: (order.get(row["type"], len(order)), row["issuer"]), default=None)


def _judge(row: dict[str, Any], question: Question) -> Resolution:
    status: Any = "accepted"
    code, params = None, {}
    if row["blocked_at"] is not None:
        status, code, params = "blocked", "TokenBlocked", {"reason": row["block_reason"]}
    elif row["valid_until"] is not None and row["valid_until"] <= question.at:
        status, code, params = "expired", "TokenExpired", {"valid_until": row["valid_until"].isoformat()}
    elif row["valid_from"] is not None and row["valid_from"] > question.at:
        status, code, params = "invalid", "TokenNotYetValid", {"valid_from": row["valid_from"].isoformat()}
    return Resolution(
        status=status, reason_code=code, reason_params=params, token_id=row["id"], token_type=row["type"],
        group=row["group_code"], group_id=row["group_id"], issuer=row["issuer"] or None,
        contract_id=row["contract_id"], language=row["language"], expires_at=row["valid_until"],
        fleet_partner_id=row["fleet_partner_id"], one_at_a_time=bool(row["one_at_a_time"]),
    )  # fmt: skip
