"""The version-neutral language of a charger.

Owns: what a station says (`events`), what it is answered (`answers`), what it is told (`commands`) and
what it measures (`readings`). Past this package nobody knows which OCPP version a station speaks.
Never does: I/O, clocks, storage. No tables, no events of its own.
"""
