"""What can go wrong with rules, channels and incidents.

NotFound                   404
└── AlertRuleNotFound, AlertChannelNotFound, AlertDeliveryNotFound, IncidentNotFound, JobNotFound
Conflict                   409
├── BuiltinRuleStays            every operator keeps its rule of each kind; switch it off instead
├── IncidentResolved            it has ended already
└── JobNotFailed                only failed jobs are retried or discarded
Invalid                    422
├── UnknownRuleKind, UnknownChannel, UnknownScope
├── ChannelIncomplete           an e-mail channel has recipients, a webhook an address
└── WebhookAddressRefused       we do not call that address
"""

from __future__ import annotations

from forecourt.kit.errors import Conflict, Invalid, NotFound


class AlertRuleNotFound(NotFound):
    """No such alert rule."""


class AlertChannelNotFound(NotFound):
    """No such channel."""


class IncidentNotFound(NotFound):
    """No such incident."""


class AlertDeliveryNotFound(NotFound):
    """No such delivery."""


class JobNotFound(NotFound):
    """No such job."""


class BuiltinRuleStays(Conflict):
    """Every operator keeps its rule of each kind; switch it off instead."""


class IncidentResolved(Conflict):
    """The incident has ended already."""


class JobNotFailed(Conflict):
    """Only a failed job can be retried or discarded."""


class UnknownRuleKind(Invalid):
    """No such kind of rule."""


class UnknownChannel(Invalid):
    """A channel that the rule names is not there."""


class UnknownScope(Invalid):
    """A location that the rule names is not there."""


class ChannelIncomplete(Invalid):
    """An e-mail channel has recipients, a webhook an address."""


class WebhookAddressRefused(Invalid):
    """Webhooks go to public https addresses only."""
