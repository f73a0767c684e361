"""Errors of the network.

NotFound
├── LocationNotFound, StationNotFound, EvseNotFound, ConnectorNotFound
└── KnockNotFound, CommandNotFound, CredentialNotFound
Conflict
├── IdentityTaken           another station of the operator has this identity
├── EvseUidTaken            an EVSE id is never used again
├── ConnectorTaken          the EVSE has a connector of that number
├── EvseNoTaken             the station's outlet serves another EVSE
├── StationRetired          it takes part in nothing any more
├── StationNotAdopted       it is still knocking
├── KnockDecided            somebody decided already
├── LocationInUse           stations stand there
└── StationCharging         it has a car on it
Invalid
├── UnknownTimeZone         not an IANA name
├── UnknownCommand          no command of that kind
├── InvalidParameters       the parameters do not fit the command
└── CommandNotSupported     not in the station's OCPP version
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Invalid, NotFound


class LocationNotFound(NotFound):
    """No such location."""


class StationNotFound(NotFound):
    """No such station."""


class EvseNotFound(NotFound):
    """No such EVSE."""


class ConnectorNotFound(NotFound):
    """No such connector."""


class KnockNotFound(NotFound):
    """No such knock."""


class CommandNotFound(NotFound):
    """No such command."""


class CredentialNotFound(NotFound):
    """No such credential, or it is revoked already."""


class IdentityTaken(Conflict):
    """Another station of the operator has this identity."""


class EvseUidTaken(Conflict):
    """An EVSE has, or had, this id; ids are never used again."""


class ConnectorTaken(Conflict):
    """The EVSE has a connector of that number."""


class EvseNoTaken(Conflict):
    """That outlet of the station serves another EVSE."""


class StationRetired(Conflict):
    """The station is retired."""


class StationNotAdopted(Conflict):
    """The station is still knocking; adopt it first."""


class KnockDecided(Conflict):
    """The knock was adopted, refused or blocked already."""


class LocationInUse(Conflict):
    """Stations stand at the location; move or retire them first."""


class UnknownTimeZone(Invalid):
    """Not the name of a time zone in the IANA database."""


class UnknownCommand(Invalid):
    """No command of that kind."""


class InvalidParameters(Invalid):
    """The parameters do not fit the command."""


class CommandNotSupported(Invalid):
    """The station's OCPP version has no such message."""
