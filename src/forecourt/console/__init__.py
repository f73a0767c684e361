"""What a screen asks across packages: the table of stations with what charges there, and the search.

Owns: read-only queries over the tables of network, charging, pricing and identity, and their endpoints. No tables,
no events.
Never: changes anything, or shows what the caller's permissions and row-level security would not.
"""
