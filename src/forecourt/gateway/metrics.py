"""The gateway's counters for Prometheus. They are plain integers on the hot path and read at each scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from forecourt.gateway.gateway import Gateway

_HELP = {
    "frames_in": "Frames that stations sent",
    "frames_out": "Frames that were sent to stations",
    "connections": "Sockets that were opened",
    "takeovers": "Sockets that a newer one of the same station replaced",
    "refused_upgrades": "Upgrade requests that were refused",
    "refused": "Messages that were answered with an error",
    "parked": "Messages that were acknowledged without effect, because money hangs on them",
    "poisoned": "Messages that the database refused",
    "duplicates": "Messages that were answered from the cache",
    "stale": "Messages of a connection that was not the station's newest",
    "command_timeouts": "Calls that no station answered in time",
}


class GatewayCollector(Collector):
    """Reads one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        """Register it with a registry."""
        self._gateway = gateway

    def collect(self) -> Iterator[Metric]:
        """All figures, as of now."""
        gateway = self._gateway
        for name, value in asdict(gateway.stats).items():
            yield CounterMetricFamily(f"forecourt_gateway_{name}", _HELP[name], value=value)
        links = GaugeMetricFamily(
            "forecourt_gateway_links", "Open sockets of stations", labels=["protocol", "security_profile"]
        )
        kinds = Counter((link.version.subprotocol, str(link.profile)) for link in gateway.links.values())
        for labels, count in kinds.items():
            links.add_metric(labels, count)
        yield links
        yield GaugeMetricFamily(
            "forecourt_gateway_queue", "Messages that wait for a commit", value=gateway.writers.depth
        )
        yield CounterMetricFamily(
            "forecourt_gateway_batches", "Transactions of the message journal", value=gateway.writers.batches
        )
        yield CounterMetricFamily(
            "forecourt_gateway_items",
            "Messages and log entries in those transactions",
            value=gateway.writers.items,
        )
        yield GaugeMetricFamily(
            "forecourt_gateway_directory",
            "Stations in the credential directory",
            value=len(gateway.directory),
        )
        yield GaugeMetricFamily(
            "forecourt_gateway_ready", "1 while stations may connect", value=float(gateway.ready)
        )
