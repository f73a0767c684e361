"""What can go wrong when people deal with sessions and tokens.

NotFound
├── SessionNotFound, CdrNotFound, OrphanNotFound, FindingNotFound
└── TokenNotFound, TokenGroupNotFound
Conflict
├── TokenExists            the value is there already (same issuer and type)
├── TokenGroupExists
├── SessionOver            it has ended, so that nothing can stop it
├── SessionWaits           its transaction has not begun, so that there is nothing to stop
├── SessionStopped         it has a stop already
└── OrphanJudged           somebody has matched or dismissed it
Invalid
├── EvseNotServed          no station serves that EVSE now
└── OrphanElsewhere        the session is of another station than the orphan
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Invalid, NotFound


class SessionNotFound(NotFound):
    """No such session."""


class CdrNotFound(NotFound):
    """No such charge detail record."""


class OrphanNotFound(NotFound):
    """No such orphan."""


class FindingNotFound(NotFound):
    """No such finding."""


class TokenNotFound(NotFound):
    """No such id token."""


class TokenGroupNotFound(NotFound):
    """No such token group."""


class TokenExists(Conflict):
    """There is a token of this value, issuer and type already."""


class TokenGroupExists(Conflict):
    """There is a group of this code already."""


class SessionOver(Conflict):
    """The session has ended already."""


class SessionWaits(Conflict):
    """The session is plugged or authorised; its transaction has not begun."""


class SessionStopped(Conflict):
    """The session has a stop already; an orphan that is another one cannot be part of it."""


class OrphanJudged(Conflict):
    """The orphan has a session, or was dismissed."""


class OrphanElsewhere(Invalid):
    """The session is of another station than the orphan."""


class EvseNotServed(Invalid):
    """No station serves this EVSE now."""
