"""Id tokens from a file. A token is known by its issuer, its type and its value without case and separators."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from forecourt.charging.models import Authorisation, IdToken, Session, TokenGroup
from forecourt.charging.own_tokens import token_key
from forecourt.identity.access import operator_of
from forecourt.identity.audit import Change, record_changes
from forecourt.imports.fields import CellRefused, Field, choice, moment, text
from forecourt.imports.kind import Fault, Judged, Values
from forecourt.imports.rows import chunks, differences, find_rows, lock_rows, set_columns, shown
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id, new_id


def _value(cell: str) -> str:
    value = text(255)(cell)
    if not token_key(value):
        raise CellRefused("NoToken", value=cell)
    return str(value)


def _type(cell: str) -> str:
    return str(text(30)(cell)).lower()


@dataclass(frozen=True)
class Known:
    """Tokens by key; groups by code and outside id; codes by id."""

    tokens: Mapping[tuple[str, str, str], IdToken]
    groups: Mapping[str, TokenGroup]
    codes: Mapping[UUID, str]


class Tokens:
    """The kind `tokens`."""

    name = "tokens"
    fields = (
        Field("value", _value, ("uid", "token", "id token", "rfid", "id tag", "idtag", "card", "karte", "kartennummer"), True,
              "04A2B3C4D5E680"),
        Field("type", _type, ("token type", "typ", "art"), example="rfid"),
        Field("issuer", text(100), ("aussteller",), example=""),
        Field("visual_number", text(100), ("printed number", "number", "nummer", "aufdruck"), example="DE-FCT-000042"),
        Field("contract_id", text(100), ("contract", "emaid", "evco id", "vertrag", "vertragsnummer"), example="DE-FCT-C00000042-K"),
        Field("group", text(100), ("group id", "group code", "token group", "gruppe"), example="FLEET-7"),
        Field("whitelist", choice("always", "allowed", "allowed_offline", "never"), example="allowed"),
        Field("language", text(8), ("sprache",), example="de"),
        Field("valid_from", moment(), ("from", "gültig ab", "gültig von"), example="2026-01-01"),
        Field("valid_until", moment(end=True), ("until", "valid to", "expires", "expiry", "gültig bis"), example="2028-12-31"),
    )  # fmt: skip
    _names = {field.name: field.name for field in fields} | {"group_id": "group"}

    def key(self, values: Values) -> Hashable | None:
        """Issuer, type and the value without separators."""
        if "value" not in values:
            return None
        return (values.get("issuer", ""), values.get("type", "rfid"), token_key(values["value"]))

    def label(self, values: Values) -> str:
        """The value."""
        return str(values.get("value", ""))

    async def look_up(self, uow: UnitOfWork, rows: Sequence[Values]) -> Known:
        """Tokens with these values, and all groups."""
        keys = {token_key(row["value"]) for row in rows if "value" in row}
        tokens = await find_rows(uow, IdToken, IdToken.value_key, keys)
        groups = list(
            await uow.session.scalars(select(TokenGroup).where(TokenGroup.operator_id == operator_of(uow)))
        )
        return Known(
            {(row.issuer, row.type, row.value_key): row for row in tokens},
            {name: row for row in groups for name in (row.code.casefold(), encode_id("tgr", row.id))},
            {row.id: row.code for row in groups},
        )

    def judge(self, values: Values, known: Known) -> Judged:
        """Compare with the token that is there."""
        columns = {name: value for name, value in values.items() if name != "group"}
        judged = Judged(columns=columns)
        if "group" in values:
            group = known.groups.get(str(values["group"]).casefold())
            if group is None:
                judged.faults.append(Fault("GroupUnknown", "group", {"value": values["group"]}))
            else:
                columns["group_id"] = group.id
        issuer, type_, key = values.get("issuer", ""), values.get("type", "rfid"), token_key(values["value"])
        existing = known.tokens.get((issuer, type_, key))
        begin = columns.get("valid_from", existing.valid_from if existing else None)
        end = columns.get("valid_until", existing.valid_until if existing else None)
        if begin is not None and end is not None and end <= begin:
            judged.faults.append(Fault("EndsBeforeItBegins", "valid_until"))
        if existing is None:
            judged.after = {name: shown(value) for name, value in values.items()}
            return judged
        judged.existing = existing
        for name in ("value", "type", "issuer"):
            columns.pop(name, None)
        for name in differences(existing, columns, self._names):
            old, new = getattr(existing, name), columns[name]
            if name == "group_id":
                old, new = known.codes.get(old, "") if old else "", known.codes.get(new, "")
            judged.before[self._names[name]], judged.after[self._names[name]] = shown(old), shown(new)
        return judged

    async def create(self, uow: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """New tokens."""
        operator_id = operator_of(uow)
        made = [
            IdToken(
                operator_id=operator_id, id=new_id(), value_key=token_key(columns["value"]),
                **{"type": "rfid", "issuer": "", "whitelist": "allowed", **columns},
            )
            for columns in rows
        ]  # fmt: skip
        uow.session.add_all(made)
        await uow.session.flush()
        for token in made:
            uow.record("token.created", subject_id=token.id, subject_revision=token.revision, data={})
        changes: list[Change] = [(row.id, None, {"type": row.type, "group_id": row.group_id}) for row in made]
        await record_changes(uow, action="token.created", subject_type="id_token", changes=changes)
        return made

    async def change(self, uow: UnitOfWork, changes: Mapping[UUID, Mapping[str, Any]]) -> list[Any]:
        """Other columns for tokens."""
        return await set_columns(uow, IdToken, changes, subject_type="token")

    async def used(self, uow: UnitOfWork, ids: Collection[UUID], *, since: datetime) -> dict[UUID, str]:
        """Those that somebody held to a reader."""
        found: dict[UUID, str] = {}
        operator_id = operator_of(uow)
        for some in chunks(ids):
            asked = await uow.session.scalars(
                select(Authorisation.token_id)
                .where(Authorisation.operator_id == operator_id, Authorisation.at >= since, Authorisation.token_id.in_(some))
                .distinct()
            )  # fmt: skip
            charged = await uow.session.scalars(
                select(Session.token_id)
                .where(
                    Session.operator_id == operator_id, Session.opened_at >= since, Session.token_id.in_(some)
                )
                .distinct()
            )
            found |= {id_: "Asked" for id_ in asked if id_} | {id_: "Charged" for id_ in charged if id_}
        return found

    async def remove(self, uow: UnitOfWork, ids: Collection[UUID]) -> None:
        """Delete them: nobody ever saw them."""
        rows = await lock_rows(uow, IdToken, ids)
        changes: list[Change] = [
            (id_, {"type": row.type, "group_id": row.group_id}, {"removed": "import undone"})
            for id_, row in rows.items()
        ]
        await record_changes(uow, action="token.removed", subject_type="id_token", changes=changes)
        for row in rows.values():
            uow.session.expunge(row)
        for some in chunks(rows):
            await uow.session.execute(
                delete(IdToken).where(IdToken.operator_id == operator_of(uow), IdToken.id.in_(some))
            )

    async def load(self, uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Any]:
        """Those that are there."""
        return await lock_rows(uow, IdToken, ids)
