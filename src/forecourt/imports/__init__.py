"""Locations, stations and id tokens from CSV files: read, checked row by row, committed as a whole, undone.

Owns: import runs and their rows, what a file's columns mean, the plan of each row, and its way back.
Never: rules of what is imported; those are the network's and charging's own.

A run goes ``checked → running → done → undoing → undone``; one that cannot be written goes back to ``checked`` with
the reason. Commit and undo are jobs in one transaction each, those of an operator one after the other.
"""
