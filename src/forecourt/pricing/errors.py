"""What can go wrong with stored tariffs.

NotFound
├── TariffNotFound
├── TariffVersionNotFound
├── AssignmentNotFound
└── PlaceNotFound          no such location or EVSE
Conflict
├── TariffNameTaken
├── VersionPublished       a published version never changes
├── VersionScheduled       another version is going to be live at a set time
├── NotScheduled           it is live already, or was never going to be
├── OnlyVersion            a tariff keeps at least one version
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


class VersionScheduled(Conflict):
    """Another version of the tariff is scheduled; withdraw it first."""


class NotScheduled(Conflict):
    """The version is not waiting for its time."""


class OnlyVersion(Conflict):
    """A tariff keeps at least one version; retire the tariff instead."""


class DraftExists(Conflict):
    """The tariff has a draft already: edit or publish it."""


class AssignmentTied(Conflict):
    """Another tariff applies to the same place at the same time."""


class TariffInUse(Conflict):
    """The tariff is assigned; end its assignments first."""


class TariffRefused(Invalid):
    """The tariff, or what is to be priced, cannot be read."""
