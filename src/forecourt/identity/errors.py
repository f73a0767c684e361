"""What can go wrong between a caller and its rights.

Unauthenticated            401
├── SignInRequired              no session, no key
├── SignInFailed                e-mail and password do not fit
├── SessionExpired              signed out, expired or deactivated
├── ChallengeOver               the first step of the sign-in is too long ago, or was used
├── CodeWrong                   the code does not fit, or was taken before
├── PasskeyRefused              the passkey's answer does not fit
└── KeyRefused                  unknown, revoked or expired API key
Forbidden                  403
├── PermissionMissing           the caller lacks the permission
├── CsrfRefused                 X-CSRF-Token missing or wrong
├── ConfirmationRequired        give the password again first
├── OnlyForPeople               a key has no profile, password or second factor
└── GrantTooWide                nobody can give what they do not hold
NotFound                   404
├── UserNotFound, KeyNotFound, PartnerNotFound, GrantNotFound
├── InvitationNotFound, SessionNotFound, PasskeyNotFound, OperatorNotFound, LogoNotFound
├── InvitationOver              accepted, revoked, expired, or never there
└── ResetOver                   used, expired, or never there
Conflict                   409
├── EmailTaken, SlugTaken, PartnerNameTaken
├── InvitationOpen              the address is invited already
├── FactorTaken, EnrolmentMissing
├── SecondFactorNeeded          the operator asks for one, and this is the last
├── LastOwner                   an operator keeps at least one active owner
└── OperatorChoiceRequired      the same e-mail and password fit more than one operator
Invalid                    422
└── PasswordTooWeak, UnknownPermission, UnknownSubject, LogoRefused, PreferencesTooLarge
TooManyRequests            429
├── SignInThrottled             too many wrong tries; wait
└── InvitationJustSent          a mail went out a moment ago
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, Unauthenticated


class SignInRequired(Unauthenticated):
    """Sign in, or send 'Authorization: Bearer KEY'."""


class SignInFailed(Unauthenticated):
    """E-mail and password do not fit."""


class SessionExpired(Unauthenticated):
    """The session has ended; sign in again."""


class ChallengeOver(Unauthenticated):
    """The first step of the sign-in is too long ago, or was used; begin again."""


class CodeWrong(Unauthenticated):
    """The code does not fit, or was used before."""


class PasskeyRefused(Unauthenticated):
    """The passkey's answer does not fit."""


class KeyRefused(Unauthenticated):
    """The API key is unknown, revoked or expired."""


class PermissionMissing(Forbidden):
    """The caller lacks a permission."""


class CsrfRefused(Forbidden):
    """The header X-CSRF-Token is missing or does not belong to the session."""


class ConfirmationRequired(Forbidden):
    """Changing how one signs in needs the password again, or a code."""


class OnlyForPeople(Forbidden):
    """A key has no profile, password or second factor."""


class GrantTooWide(Forbidden):
    """Nobody can give a role or permission that they do not hold."""


class UserNotFound(NotFound):
    """No such user."""


class KeyNotFound(NotFound):
    """No such API key."""


class PartnerNotFound(NotFound):
    """No such partner."""


class GrantNotFound(NotFound):
    """No such grant."""


class InvitationNotFound(NotFound):
    """No such invitation."""


class InvitationOver(NotFound):
    """The invitation was accepted, revoked, has expired, or was never there."""


class ResetOver(NotFound):
    """The link was used, has expired, or was never there."""


class SessionNotFound(NotFound):
    """No such session of yours."""


class PasskeyNotFound(NotFound):
    """No such passkey of yours."""


class OperatorNotFound(NotFound):
    """No such operator that you could switch to."""


class LogoNotFound(NotFound):
    """The operator has no logo."""


class EmailTaken(Conflict):
    """A user with this e-mail exists already."""


class SlugTaken(Conflict):
    """An operator with this slug exists already."""


class PartnerNameTaken(Conflict):
    """A partner with this name exists already."""


class InvitationOpen(Conflict):
    """The address is invited already; send that invitation again, or revoke it."""


class FactorTaken(Conflict):
    """It is set up already."""


class EnrolmentMissing(Conflict):
    """Setting up the authenticator app has not begun, or is done."""


class SecondFactorNeeded(Conflict):
    """The operator asks for a second factor, and this is the last one."""


class LastOwner(Conflict):
    """An operator keeps at least one active owner."""


class OperatorChoiceRequired(Conflict):
    """The sign-in fits more than one operator; name one."""


class PasswordTooWeak(Invalid):
    """The password is too short or too long."""


class UnknownPermission(Invalid):
    """No such permission."""


class UnknownSubject(Invalid):
    """The thing that the grant names is not there."""


class LogoRefused(Invalid):
    """The logo is not a PNG of at most 64 kB and 512 pixels."""


class PreferencesTooLarge(Invalid):
    """Preferences have at most 32 kB."""


class SignInThrottled(TooManyRequests):
    """Too many wrong sign-ins; wait before the next."""


class InvitationJustSent(TooManyRequests):
    """A mail went out a moment ago; wait before the next."""
