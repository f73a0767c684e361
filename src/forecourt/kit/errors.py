"""The one root of every error that this program raises on purpose.

The class name is the stable code that clients, logs and translations rely on; the parameters carry the
values. Sentences are made where they are shown, the message is for engineers and logs.

    ForecourtError                  500
    ├── Unauthenticated             401   who are you?
    ├── Forbidden                   403   you may not
    ├── NotFound                    404   it is not there, or not yours
    ├── Conflict                    409   it collides with what is there
    │   └── StaleRow                409   somebody else changed it first
    ├── PreconditionFailed          412   If-Match names an older revision
    ├── Invalid                     422   the request cannot mean anything
    │   ├── InvalidId               422   (kit.ids) not an id of that kind
    │   └── InvalidCursor           422   (kit.paging) not a cursor that we handed out
    ├── TooManyRequests             429   slow down
    └── Unavailable                 503   something we need is away
        ├── PostgresAlreadyRunning  503   (kit.postgres) another process serves that data folder
        ├── PostgresFailed          503   (kit.postgres) the embedded server did not start
        ├── UnsafeDatabase          503   (kit.postgres) it would lose acknowledged writes
        ├── NoResponder             503   (kit.bus) nobody listens to that subject
        ├── BusTimeout              503   (kit.bus) no answer in time
        └── MailNotConfigured, MailRefused, MailUndelivered   503   (kit.mail)
    PoisonItem                      500   (kit.group_commit) this one item cannot be written

A package derives its own errors from these, e.g. ``class KnockExpired(Conflict)``.
"""

from __future__ import annotations

from typing import Any, ClassVar


class ForecourtError(Exception):
    """Root of the tree. ``message`` says what was wrong, with which value, and what to do about it."""

    status: ClassVar[int] = 500
    """HTTP status that an endpoint answers with when the error reaches the edge."""

    def __init__(self, message: str = "", **params: Any) -> None:
        """Keep the message and the parameters.

        Args:
            message: for engineers and logs; names the offending value. Empty: the class's docstring.
            **params: JSON-able values by name, from which a screen makes its own sentence.
        """
        if not message:
            message = (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]
        super().__init__(message)
        self.message = message
        self.params = params

    @property
    def code(self) -> str:
        """The stable code: the name of the class."""
        return type(self).__name__

    def __repr__(self) -> str:
        """Show code, message and parameters."""
        return f"{self.code}({self.message!r}, {self.params!r})"


class Unauthenticated(ForecourtError):
    """No credential, or one that is not valid."""

    status = 401


class Forbidden(ForecourtError):
    """The caller is known and may not do this."""

    status = 403


class NotFound(ForecourtError):
    """No such thing, or it belongs to somebody else."""

    status = 404


class Conflict(ForecourtError):
    """The request collides with the present state."""

    status = 409


class StaleRow(Conflict):
    """Somebody else changed the row between reading and writing; read it again."""


class PreconditionFailed(ForecourtError):
    """The revision that the caller edits is not the present one."""

    status = 412


class Invalid(ForecourtError):
    """The request is well-formed but cannot be carried out as it is."""

    status = 422


class TooManyRequests(ForecourtError):
    """The caller is over its rate limit."""

    status = 429


class Unavailable(ForecourtError):
    """Something that the request needs is not there just now; try again."""

    status = 503
