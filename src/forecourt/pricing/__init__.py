"""Stored tariffs: versions, where they apply, previews.

Owns: tariffs, their immutable versions, assignments by operator, location and EVSE.
Never: computes a price (`tariff` does).
Tables: tariff, tariff_version, tariff_assignment.
Events: tariff.published.
"""
