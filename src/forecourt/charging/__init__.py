"""Who may charge, what happened while charging, and what came of it.

Owns: id tokens and groups, authorisations, sessions with their timeline, meter readings, signed values,
orphans, findings, charge detail records.
Never: speaks OCPP, computes prices (`tariff` does), bills.
Tables: token_group, id_token, authorisation, session, session_timeline, meter_reading, signed_value, orphan,
finding, charge_detail_record.
Events: session.started, session.state_changed, session.ended, session.corrected, token.refused, cdr.created;
live on the bus: session.updated.
"""
