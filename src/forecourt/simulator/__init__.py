"""Stations that behave like real ones, in OCPP 1.6, 2.0.1 and 2.1; for the demo, tests, load and training.

Owns: the model of a station (boot, heartbeat, status, authorisation, transactions, meter, charging profiles,
offline queue), faults on demand, scenarios, and the replay of recorded charging sessions. What a car draws is
modelled, not recorded.

Never: imports anything of the platform but ``ocpp`` and ``kit``; reads a database. It talks to a server by
WebSocket only, so it drives any OCPP server.

Tables, events: none.
"""
