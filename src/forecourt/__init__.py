"""Forecourt: the platform that a charge point operator runs an EV charging network on."""
