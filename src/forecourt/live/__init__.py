"""The live stream: business facts from the outbox, which can be resumed, and live values from the bus.

Owns: the SSE hub and ``GET /api/v1/events``. No tables.
Never: decides what is said; it hands on what the outbox and the bus carry, to whom it belongs. A partner hears the stored facts whose subject it sees (``models`` says which).

Live values come on the bus subject ``live.<operator_id>.<kind>.<id>`` as JSON:
``{"type": "session.updated", "subject_id": "ses_…", "revision": 7, "data": {…}, "partner_ids": ["<uuid>"],
"partner_data": {…}}``. A partner's viewer gets a value only if ``partner_ids`` names the partner, and then
``partner_data`` in place of ``data``; without ``partner_data`` it gets nothing.
"""
