"""What can go wrong with stored tariffs.

NotFound
├── TariffNotFound
├── TariffVersionNotFound
├── AssignmentNotFound
└── PlaceNotFound          no such location or EVSE
Conflict
├── TariffNameTaken
├── VersionPublished       a published version never changes
├── DraftExists            one draft at a time
├── AssignmentTied         two tariffs would apply to one place at one time
└── TariffInUse            it is assigned somewhere
Invalid
└── TariffRefused          the document is no tariff, or the preview no session; `reason` says why
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Invalid, NotFound


class TariffNotFound(NotFound):
    """No such tariff."""


class TariffVersionNotFound(NotFound):
    """No such version of the tariff."""


class AssignmentNotFound(NotFound):
    """No such assignment."""


class PlaceNotFound(NotFound):
    """No such location or EVSE."""


class TariffNameTaken(Conflict):
    """Another tariff has this name."""


class VersionPublished(Conflict):
    """A published version never changes; make a new one."""


class DraftExists(Conflict):
    """The tariff has a draft already: edit or publish it."""


class AssignmentTied(Conflict):
    """Another tariff applies to the same place at the same time."""


class TariffInUse(Conflict):
    """The tariff is assigned; end its assignments first."""


class TariffRefused(Invalid):
    """The tariff, or what is to be priced, cannot be read."""
