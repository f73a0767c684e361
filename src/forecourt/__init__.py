"""Forecourt: the platform that a charge point operator runs an EV charging network on."""

__version__ = "0.1.0"
