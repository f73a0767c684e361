"""What every package stands on: database, columns, tenancy, jobs, bus, mail, clock, ids, money, errors, log.

Owns: the plumbing, and four tables (``outbox_event``, its one-row counter ``outbox_head``, ``mail_message``, ``job_error``).
Never: a domain word. Nothing here imports another package of the program.

Import from the modules, not from here: ``from forecourt.kit.ids import new_id``.
"""
