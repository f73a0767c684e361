"""The composition root: settings, wiring, the command line and the processes.

Owns: reading the configuration and connecting the packages by plain constructor calls. The only place
that reads the environment. Never does: business rules. No tables, no events.
"""
