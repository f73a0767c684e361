"""Prometheus metrics: one registry per composition root, one naming rule.

Names begin with ``forecourt_`` and end with their unit (``_seconds``, ``_bytes``, ``_total``). Labels have
few values: never an id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PREFIX = "forecourt_"

M = TypeVar("M", Counter, Gauge, Histogram)


class Metrics:
    """A registry, and the makers of metrics in it. Asking twice for one name gives the same metric."""

    def __init__(self, *, process: bool = True) -> None:
        """Make a registry; ``process`` adds CPU, memory, descriptors and garbage collection."""
        self.registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {}
        if process:
            ProcessCollector(registry=self.registry)
            PlatformCollector(registry=self.registry)
            GCCollector(registry=self.registry)

    def counter(self, name: str, documentation: str, labels: Sequence[str] = ()) -> Counter:
        """A number that only grows, ``name`` without its ``_total``."""
        return self._make(
            Counter, name, lambda full: Counter(full, documentation, labels, registry=self.registry)
        )

    def gauge(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        read: Callable[[], float] | None = None,
    ) -> Gauge:
        """A number that goes up and down; with ``read`` it is asked for at each scrape."""
        gauge = self._make(
            Gauge, name, lambda full: Gauge(full, documentation, labels, registry=self.registry)
        )
        if read is not None:
            gauge.set_function(read)
        return gauge

    def histogram(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        buckets: Sequence[float] = LATENCY_BUCKETS,
    ) -> Histogram:
        """A distribution, of seconds unless the name says otherwise."""
        return self._make(
            Histogram,
            name,
            lambda full: Histogram(
                full, documentation, labels, buckets=tuple(buckets), registry=self.registry
            ),
        )

    def render(self) -> bytes:
        """Everything in Prometheus' text format, of type ``CONTENT_TYPE``."""
        return generate_latest(self.registry)

    def _make(self, kind: type[M], name: str, make: Callable[[str], M]) -> M:
        full = name if name.startswith(_PREFIX) else _PREFIX + name
        found = self._made.get(full)
        if found is None:
            found = self._made[full] = make(full)
        if not isinstance(found, kind):
            raise ValueError(f"metric {full} is a {type(found).__name__} already")
        return found


@contextmanager
def timed(histogram: Histogram) -> Iterator[None]:
    """Observe how many seconds the block takes, also when it raises."""
    start = time.perf_counter()
    try:
        yield
    finally:
        histogram.observe(time.perf_counter() - start)
