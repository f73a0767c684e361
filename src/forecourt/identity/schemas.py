"""What identity says and hears over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from forecourt.identity.manage_partners import PartnerKind, SubjectType
from forecourt.identity.models import ApiKey, AppUser, AuditEntry, Membership, Partner, PartnerGrant
from forecourt.identity.permissions import Role
from forecourt.kit.ids import encode_id

OPERATOR, USER, KEY, PARTNER, GRANT, AUDIT = "opr", "usr", "key", "ptn", "grt", "aud"
INVITATION, PASSKEY, WEB_SESSION = "inv", "psk", "wse"

Email = Annotated[
    str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.org"])
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=256, examples=["correct horse battery"])]
Id = Annotated[str, Field(max_length=40)]


class Strict(BaseModel):
    """What a client sends: a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class UserIn(Strict):
    """Who is to be let in."""

    email: Email
    name: Name
    role: Role
    password: Annotated[Password | None, Field(description="Left out, one is made up and shown once.")] = None
    partner_id: Id | None = None


class UserPatch(Strict):
    """What to change of a user. `partner_id: null` makes it a member of the whole operator."""

    name: Name | None = None
    role: Role | None = None
    password: Password | None = None
    partner_id: Id | None = None
    active: bool | None = None


class UserOut(BaseModel):
    """A user and its role."""

    id: str
    email: str
    name: str
    role: Role
    partner_id: str | None
    active: bool
    language: Annotated[str | None, Field(description="null: the browser's; mails come in English.")]
    second_factor: Annotated[list[str], Field(description="What is set up: `totp`, `passkey`.")]
    last_sign_in_at: datetime | None
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, user: AppUser, membership: Membership, second_factor: Sequence[str] = ()) -> UserOut:
        """From its rows."""
        return cls(
            id=encode_id(USER, user.id),
            email=user.email,
            name=user.name,
            role=Role(membership.role),
            partner_id=id_or_none(PARTNER, membership.partner_id),
            active=user.active,
            language=user.language,
            second_factor=list(second_factor),
            last_sign_in_at=user.last_sign_in_at,
            created_at=user.created_at,
            revision=user.revision,
        )


class CreatedUserOut(UserOut):
    """A new user; the password only if it was made up, and only now."""

    password: str | None = None


class KeyIn(Strict):
    """What a new key may do: `permissions`, and those of `role` as it is now."""

    name: Name
    permissions: Annotated[
        list[str], Field(max_length=100, examples=[["stations:read", "sessions:read"]])
    ] = []
    role: Role | None = None
    partner_id: Id | None = None
    expires_at: AwareDatetime | None = None


class KeyOut(BaseModel):
    """An API key without its secret."""

    id: str
    name: str
    prefix: str
    permissions: list[str]
    partner_id: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> KeyOut:
        """From its row."""
        return cls(
            id=encode_id(KEY, key.id),
            name=key.name,
            prefix=key.prefix,
            permissions=key.permissions,
            partner_id=id_or_none(PARTNER, key.partner_id),
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )


class CreatedKeyOut(KeyOut):
    """A new key with its text, which is shown only now."""

    key: Annotated[str, Field(examples=["fck_1f0c…_9a7e…"])]


class PartnerIn(Strict):
    """A new partner."""

    name: Name
    kind: PartnerKind


class PartnerPatch(Strict):
    """What to change of a partner."""

    name: Name | None = None
    active: bool | None = None


class PartnerOut(BaseModel):
    """A scope inside the operator."""

    id: str
    name: str
    kind: str
    active: bool
    created_at: datetime
    revision: int

    @classmethod
    def of(cls, partner: Partner) -> PartnerOut:
        """From its row."""
        return cls(
            id=encode_id(PARTNER, partner.id),
            name=partner.name,
            kind=partner.kind,
            active=partner.active,
            created_at=partner.created_at,
            revision=partner.revision,
        )


SUBJECT_PREFIX: dict[SubjectType, str] = {"location": "loc", "token_group": "tgr"}


class GrantIn(Strict):
    """What the partner is to see, and when."""

    subject_type: SubjectType
    subject_id: Annotated[
        str,
        Field(max_length=40, description="`loc_…` or `tgr_…`", examples=["loc_01jz8q3v5de8qbn1c2x4y6z7a8"]),
    ]
    valid_from: Annotated[AwareDatetime | None, Field(description="Now, if left out.")] = None
    valid_to: AwareDatetime | None = None


class GrantOut(BaseModel):
    """What a partner sees."""

    id: str
    partner_id: str
    subject_type: str
    subject_id: str
    valid_from: datetime
    valid_to: datetime | None

    @classmethod
    def of(cls, grant: PartnerGrant) -> GrantOut:
        """From its row."""
        prefix = SUBJECT_PREFIX["location" if grant.subject_type == "location" else "token_group"]
        return cls(
            id=encode_id(GRANT, grant.id),
            partner_id=encode_id(PARTNER, grant.partner_id),
            subject_type=grant.subject_type,
            subject_id=encode_id(prefix, grant.subject_id),
            valid_from=grant.valid_from,
            valid_to=grant.valid_to,
        )


class AuditOut(BaseModel):
    """One change: who, what, when, from where, before and after."""

    id: str
    at: datetime
    actor_kind: str
    actor_id: str | None
    actor_name: str
    partner_id: str | None
    action: str
    subject_type: str
    subject_id: str | None
    subject_name: Annotated[str | None, Field(description="What it was called then, if it has a name.")]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None
    request_id: str | None

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditOut:
        """From its row."""
        return cls(
            id=encode_id(AUDIT, entry.id),
            at=entry.at,
            actor_kind=entry.actor_kind,
            actor_id=id_or_none(USER if entry.actor_kind == "user" else KEY, entry.actor_id),
            actor_name=entry.actor_name,
            partner_id=id_or_none(PARTNER, entry.partner_id),
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            subject_name=entry.subject_name,
            before=entry.before,
            after=entry.after,
            address=entry.address,
            request_id=entry.request_id,
        )


def id_or_none(prefix: str, value: UUID | None) -> str | None:
    """The id as text, if there is one."""
    return None if value is None else encode_id(prefix, value)
