"""What can go wrong between a caller and its rights.

Unauthenticated            401
├── SignInRequired              no session, no key
├── SignInFailed                e-mail and password do not fit
├── SessionExpired              signed out, expired or deactivated
└── KeyRefused                  unknown, revoked or expired API key
Forbidden                  403
├── PermissionMissing           the caller lacks the permission
├── CsrfRefused                 X-CSRF-Token missing or wrong
└── GrantTooWide                nobody can give what they do not hold
NotFound                   404
└── UserNotFound, KeyNotFound, PartnerNotFound, GrantNotFound
Conflict                   409
├── EmailTaken, SlugTaken, PartnerNameTaken
├── LastOwner                   an operator keeps at least one active owner
└── OperatorChoiceRequired      the same e-mail and password fit more than one operator
Invalid                    422
└── PasswordTooWeak, UnknownPermission, UnknownSubject
TooManyRequests            429
└── SignInThrottled             too many wrong tries; wait
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, Unauthenticated


class SignInRequired(Unauthenticated):
    """Sign in, or send 'Authorization: Bearer KEY'."""


class SignInFailed(Unauthenticated):
    """E-mail and password do not fit."""


class SessionExpired(Unauthenticated):
    """The session has ended; sign in again."""


class KeyRefused(Unauthenticated):
    """The API key is unknown, revoked or expired."""


class PermissionMissing(Forbidden):
    """The caller lacks a permission."""


class CsrfRefused(Forbidden):
    """The header X-CSRF-Token is missing or does not belong to the session."""


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


class EmailTaken(Conflict):
    """A user with this e-mail exists already."""


class SlugTaken(Conflict):
    """An operator with this slug exists already."""


class PartnerNameTaken(Conflict):
    """A partner with this name exists already."""


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


class SignInThrottled(TooManyRequests):
    """Too many wrong sign-ins; wait before the next."""
