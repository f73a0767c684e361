"""Tables of identity."""

from forecourt.identity.models.directory import (
    ApiKey,
    AppUser,
    AuditEntry,
    Membership,
    Operator,
    Partner,
    PartnerGrant,
)
from forecourt.identity.models.sessions import (
    Invitation,
    Passkey,
    PasswordReset,
    RecoveryCode,
    SignInAttempt,
    SignInChallenge,
    Totp,
    UserPreference,
    WebSession,
)

__all__ = [
    "ApiKey",
    "AppUser",
    "AuditEntry",
    "Invitation",
    "Membership",
    "Operator",
    "Partner",
    "PartnerGrant",
    "Passkey",
    "PasswordReset",
    "RecoveryCode",
    "SignInAttempt",
    "SignInChallenge",
    "Totp",
    "UserPreference",
    "WebSession",
]
