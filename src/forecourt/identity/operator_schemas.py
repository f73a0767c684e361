"""What the caller, its profile and its operator say and hear over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from forecourt.identity.models import Operator
from forecourt.identity.schemas import OPERATOR, Email, Name, Strict
from forecourt.identity.security import Security
from forecourt.identity.sign_in_schemas import Language
from forecourt.kit.ids import encode_id

TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"])]


class SecurityOut(BaseModel):
    """What the operator asks of sign-ins."""

    second_factor_required: bool
    session_lifetime_hours: int
    session_idle_minutes: int


class SecurityPatch(Strict):
    """What to change of it. A second factor is asked for from the next sign-in on."""

    second_factor_required: bool | None = None
    session_lifetime_hours: Annotated[int | None, Field(ge=1, le=24 * 90)] = None
    session_idle_minutes: Annotated[int | None, Field(ge=5, le=60 * 24 * 30)] = None


class OperatorOut(BaseModel):
    """The tenant."""

    id: str
    slug: str
    name: str
    legal_name: str | None
    country: str | None
    currency: str
    time_zone: str
    languages: list[str]
    support_phone: str | None
    support_email: str | None
    logo_sha256: Annotated[str | None, Field(description="The logo is at `/operator/logo`; null: none.")]
    settings: dict[str, Any]
    security: SecurityOut
    revision: int

    @classmethod
    def of(cls, operator: Operator) -> OperatorOut:
        """From its row."""
        return cls(
            id=encode_id(OPERATOR, operator.id),
            slug=operator.slug,
            name=operator.name,
            legal_name=operator.legal_name,
            country=operator.country,
            currency=operator.currency,
            time_zone=operator.time_zone,
            languages=operator.languages,
            support_phone=operator.support_phone,
            support_email=operator.support_email,
            logo_sha256=operator.logo_sha256,
            settings=operator.settings,
            security=SecurityOut(**Security.of(operator.security).as_dict()),
            revision=operator.revision,
        )


class OperatorSettings(BaseModel):
    """Known settings; others are kept as they are. null removes one, and what is usual counts again."""

    model_config = {"extra": "allow"}

    party_id: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Z0-9]{3}$",
            examples=["FCT"],
            description="Three characters of EVSE ids and OCPI, e.g. `FCT`.",
        ),
    ] = None
    connection_timeout_s: Annotated[
        int | None,
        Field(ge=10, le=3600, examples=[90], description="How long an authorised person has to plug in."),
    ] = None
    one_session_per_token: Annotated[
        bool | None, Field(description="A card charges at one place at a time.")
    ] = None


class OperatorPatch(Strict):
    """What to change of the operator; settings and security are merged by key."""

    name: Name | None = None
    legal_name: Annotated[str | None, Field(max_length=200)] = None
    country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])] = None
    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])] = None
    time_zone: TimeZone | None = None
    languages: Annotated[list[Language] | None, Field(min_length=1, max_length=2)] = None
    support_phone: Annotated[
        str | None, Field(max_length=40, pattern=r"^[+0-9 ()/-]*$", examples=["+49 30 901 820"])
    ] = None
    support_email: Email | None = None
    settings: OperatorSettings | None = None
    security: SecurityPatch | None = None


class LogoIn(Strict):
    """A PNG of at most 64 kB and 512 × 512 pixels, base64."""

    png_base64: Annotated[str, Field(max_length=90_000)]


class MeOut(BaseModel):
    """The caller, and what it may do."""

    kind: Literal["user", "key", "system"]
    id: str | None
    name: str
    email: str | None
    role: str | None
    partner_id: str | None
    language: Annotated[str | None, Field(description="null: the browser's.")]
    time_zone: Annotated[str | None, Field(description="null: the browser's.")]
    permissions: list[str]
    operator: OperatorOut
    csrf_token: Annotated[
        str | None, Field(description="For sessions: send it as `X-CSRF-Token` with every change.")
    ]


class MePatch(Strict):
    """What to change of oneself. null for language or time zone means the browser's."""

    name: Name | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None


class PreferencesOut(BaseModel):
    """How the caller likes the console, by key."""

    preferences: dict[str, Any]


class PreferencesPatch(Strict):
    """Merged by key; null removes one."""

    preferences: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_./-]{0,79}$")], Any], Field(max_length=100)
    ]


class RolesOut(BaseModel):
    """Every role with its permissions, and the ceiling of partners: what the matrix of roles shows."""

    nouns: list[str]
    verbs: list[str]
    roles: dict[str, list[str]]
    partner_ceiling: list[str]
