"""Tables of the network: places, hardware, what it says of itself, and what it was told."""

from forecourt.network.models.commands import COMMAND_NUMBER, Command
from forecourt.network.models.hardware import Installation, Station, StationBoot, StationCredential, Variable
from forecourt.network.models.history import StationEvent, StatusInterval
from forecourt.network.models.inbox import InboxWindow, Knock
from forecourt.network.models.places import Connector, Evse, Location

__all__ = [
    "COMMAND_NUMBER",
    "Command",
    "Connector",
    "Evse",
    "InboxWindow",
    "Installation",
    "Knock",
    "Location",
    "Station",
    "StationBoot",
    "StationCredential",
    "StationEvent",
    "StatusInterval",
    "Variable",
]
