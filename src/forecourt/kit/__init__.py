"""What every package stands on: database, columns, tenancy, jobs, bus, clock, ids, money, errors, log.

Owns: the plumbing, and two tables (``outbox_event`` and its one-row counter ``outbox_head``).
Never: a domain word. Nothing here imports another package of the program.

Import from the modules, not from here: ``from forecourt.kit.ids import new_id``.
"""
