"""Who may do what: operators (tenants), partners, users, API keys, sign-in, permissions, audit trail.

Owns: ``operator``, ``partner``, ``partner_grant``, ``app_user``, ``membership``, ``api_key``, ``web_session``,
``sign_in_attempt``, ``audit_entry``. Other packages ask for access with ``access.require`` and write the trail
with ``audit.record_change``.
Never: decides what a station or a driver may do (that is ``network`` and ``charging``); stores a secret that it
could read back.
Events: ``user.created, user.updated, key.created, key.revoked, partner.created, partner.updated,
partner.granted, partner.grant_ended``.

Import from the modules: ``from forecourt.identity.access import require``.
"""
