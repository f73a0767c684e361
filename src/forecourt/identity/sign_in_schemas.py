"""What signing in, invitations, passwords and second factors say and hear over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from forecourt.identity.models import Invitation, Passkey, WebSession
from forecourt.identity.permissions import Role
from forecourt.identity.schemas import (
    INVITATION,
    PARTNER,
    PASSKEY,
    WEB_SESSION,
    Email,
    Id,
    Name,
    Password,
    Strict,
    id_or_none,
)
from forecourt.kit.ids import encode_id

Token = Annotated[
    str,
    Field(
        min_length=20,
        max_length=100,
        description="From the link, or from the step before.",
        examples=["hV3kq0Zr8mPw5tXyB1cD7eFgH2jLnQsU4vWa6bKo9iM"],
    ),
]
Code = Annotated[str, Field(min_length=6, max_length=40, examples=["492 039"])]
Language = Literal["en", "de"]


class SignInIn(Strict):
    """Who claims to be whom."""

    email: Annotated[str, Field(max_length=254, examples=["ada@example.org"])]
    password: Password
    operator: Annotated[
        str | None,
        Field(max_length=63, description="Slug; needed only if the answer is `OperatorChoiceRequired`."),
    ] = None


class SignedInOut(BaseModel):
    """`next` is `done`: the session is in the cookie, send `csrf_token` as `X-CSRF-Token` with every change.

    `second_factor`: prove it by one of `methods`, with `challenge`. `enrol`: set up an authenticator app first.
    """

    next: Literal["done", "second_factor", "enrol"]
    csrf_token: str | None = None
    challenge: str | None = None
    methods: list[str] = []


class EnrolledOut(SignedInOut):
    """Signed in, with recovery codes that are shown only now."""

    recovery_codes: list[str]


class SecondFactorIn(Strict):
    """A code of the authenticator app, or a recovery code."""

    challenge: Token
    code: Code
    recovery: bool = False


class ChallengeIn(Strict):
    """The challenge of the step before."""

    challenge: Token


class OptionalChallengeIn(Strict):
    """The challenge of the step before; left out, the passkey alone says who it is."""

    challenge: Token | None = None


class PasskeyAskedOut(BaseModel):
    """For `navigator.credentials.get`, and the challenge that its answer belongs to."""

    challenge: str
    options: dict[str, Any]


class PasskeyAnswerIn(Strict):
    """The browser's answer, as JSON (`PublicKeyCredential.toJSON()`)."""

    challenge: Token
    credential: dict[str, Any]


class EnrolmentOut(BaseModel):
    """What an authenticator app needs: the secret as text, as URI, and that as a QR code (SVG)."""

    secret: str
    uri: str
    svg: str


class EnrolIn(Strict):
    """The first code of the new app."""

    challenge: Token
    code: Code


class CodeIn(Strict):
    """A code of the authenticator app."""

    code: Code


class RecoveryCodesOut(BaseModel):
    """Recovery codes, shown only now; empty if there were some already."""

    recovery_codes: list[str]


class PasskeyIn(PasskeyAnswerIn):
    """A new passkey and its name."""

    name: Name


class PasskeyPatch(Strict):
    """Another name."""

    name: Name


class PasskeyOut(BaseModel):
    """A passkey without its key."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: Annotated[bool, Field(description="It is copied to the person's other devices.")]

    @classmethod
    def of(cls, passkey: Passkey) -> PasskeyOut:
        """From its row."""
        return cls(
            id=encode_id(PASSKEY, passkey.id),
            name=passkey.name,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
            backed_up=passkey.backed_up,
        )


class NewPasskeyOut(PasskeyOut):
    """A new passkey; recovery codes if there were none, shown only now."""

    recovery_codes: list[str]


class SecondFactorOut(BaseModel):
    """What the caller has set up."""

    totp: bool
    passkeys: list[PasskeyOut]
    recovery_codes_left: int
    required: Annotated[bool, Field(description="The operator asks for one.")]


class WebSessionOut(BaseModel):
    """A signed-in browser."""

    id: str
    current: bool
    method: str
    address: str | None
    user_agent: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: WebSession, *, current: bool) -> WebSessionOut:
        """From its row."""
        return cls(
            id=encode_id(WEB_SESSION, session.id),
            current=current,
            method=session.method,
            address=session.address,
            user_agent=session.user_agent,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
        )


class ConfirmIn(Strict):
    """The password, or a code of the authenticator app."""

    password: Password | None = None
    code: Code | None = None


class PasswordIn(Strict):
    """A new password for oneself."""

    old_password: Password
    new_password: Password


class ResetRequestIn(Strict):
    """Whose password is forgotten."""

    email: Email


class ResetIn(Strict):
    """The link's token, and the new password."""

    token: Token
    password: Password


class InvitationIn(Strict):
    """Who is asked in, as what, in which language."""

    email: Email
    role: Role
    partner_id: Id | None = None
    language: Language = "en"


class InvitationOut(BaseModel):
    """An invitation, without its link."""

    id: str
    email: str
    role: Role
    partner_id: str | None
    language: str
    invited_by: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, invitation: Invitation) -> InvitationOut:
        """From its row."""
        return cls(
            id=encode_id(INVITATION, invitation.id),
            email=invitation.email,
            role=Role(invitation.role),
            partner_id=id_or_none(PARTNER, invitation.partner_id),
            language=invitation.language,
            invited_by=invitation.invited_by,
            created_at=invitation.created_at,
            sent_at=invitation.sent_at,
            expires_at=invitation.expires_at,
            accepted_at=invitation.accepted_at,
            revoked_at=invitation.revoked_at,
        )


class SentInvitationOut(InvitationOut):
    """With its link, only now, and only where no mail server is set up to carry it."""

    link: str | None = None


class TokenIn(Strict):
    """The link's token."""

    token: Token


class InvitationShownOut(BaseModel):
    """What the invited person sees before accepting."""

    operator: str
    email: str
    role: Role
    language: str
    expires_at: datetime


class AcceptIn(Strict):
    """A name and password of one's own; or, with `existing`, the password that one has at another operator."""

    token: Token
    password: Password
    name: Name | None = None
    existing: bool = False


class OperatorChoiceOut(BaseModel):
    """An operator that the caller can switch to."""

    slug: str
    name: str
    current: bool


class OperatorChoicesOut(BaseModel):
    """All of them, by name."""

    items: list[OperatorChoiceOut]


class SwitchIn(Strict):
    """Where to."""

    operator: Annotated[str, Field(max_length=63, description="Slug.")]
