"""Stations that behave like real ones, in OCPP 1.6, 2.0.1 and 2.1; for the demo, tests, load and training.

Owns: the model of a station (boot, heartbeat, status, authorisation, transactions, meter, charging profiles,
offline queue), faults on demand, scenarios, and the replay of recorded charging sessions. What a car draws is
modelled, not recorded.

Never: imports anything of the platform but ``ocpp`` and ``kit``; reads a database. It talks to a server by
WebSocket only, so it drives any OCPP server.

Tables, events: none.
"""

from forecourt.simulator.faults import Fault, FaultKind, apply_fault
from forecourt.simulator.network import Counters, Drivers, Network
from forecourt.simulator.replay import Replay, read_replay
from forecourt.simulator.run import SimulatedNetwork, simulate, station_specs
from forecourt.simulator.scenario import Scenario, read_scenario
from forecourt.simulator.session import Visit, start_visit
from forecourt.simulator.spec import StationSpec

__all__ = [
    "Counters",
    "Drivers",
    "Fault",
    "FaultKind",
    "Network",
    "Replay",
    "Scenario",
    "SimulatedNetwork",
    "StationSpec",
    "Visit",
    "apply_fault",
    "read_replay",
    "read_scenario",
    "simulate",
    "start_visit",
    "station_specs",
]
