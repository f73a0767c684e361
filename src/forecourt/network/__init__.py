"""Where charging happens and what stands there: locations, stations, EVSEs, connectors, and their commands.

Owns: places and hardware, the inbox of unknown stations, credentials, status history, the device model's
variables, tracked commands, and the network's part of the hot path (`handler.NetworkHandler`).
Never does: sockets, OCPP, sessions, money. It speaks to stations through `stations.commands.Stations`.

Tables: location, evse, connector, station, installation, station_credential, station_boot, variable,
status_interval, station_event, knock, inbox_window, command.
Events: station.knocked, station.adopted, station.swapped, station.retired, station.connected,
station.disconnected, station.credential_retired, station.booted, station.problem_reported, station.security_event,
connector.status_changed, command.updated.
"""
