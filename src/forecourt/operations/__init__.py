"""What needs a person: alert rules, incidents, how people are told, and the health of the installation.

Owns: ``alert_rule``, ``alert_channel``, ``alert_delivery``, ``incident``, ``incident_entry``; the list of what needs
attention; the system page. Events: ``incident.opened``, ``incident.reopened``, ``incident.acknowledged``,
``incident.resolved``, ``incident.updated``, and ``alert_rule.…``, ``alert_channel.…`` when they change.
Never: decides from events what is true. Rules are judged from stored facts (links, statuses, sessions), so that a
restart or a lost event changes nothing; events only make it sooner.

A kind of rule is one entry in ``rule_kinds``: a query for what is the case, and defaults. Whether an incident opens,
comes back or ends is one pure function (``judge``) for all kinds.
"""
