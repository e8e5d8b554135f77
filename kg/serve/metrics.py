"""What a server counts, in the format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kg import __version__
from kg.errors import GraphError
from kg.serve.published import Publication

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


class Metrics:
    """The counters of one application; no process-wide registry, so that tests stand alone."""

    def __init__(self, publication: Publication) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_PoolCollector(publication))
        self._requests = Counter(
            "kg_http_requests", "Requests answered", ("route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "kg_http_request_seconds", "Time to the whole response", ("route",),
            buckets=SECONDS, registry=self._registry,
        )  # fmt: skip

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count a request that is answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def write(self) -> bytes:
        """Return all figures as text."""
        return generate_latest(self._registry)


class _PoolCollector(Collector):
    """Tells of the version and its workers at the moment when it is asked."""

    def __init__(self, publication: Publication) -> None:
        self._publication = publication

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        try:
            published = self._publication.current
        except GraphError:
            return
        about = GaugeMetricFamily("kg_version", "What is served", labels=("version", "tool"))
        about.add_metric((published.name, __version__), 1)
        yield about
        pool = published.pool
        yield GaugeMetricFamily("kg_queries_running", "Queries taken up", value=pool.running)
        yield GaugeMetricFamily("kg_queries_waiting", "Queries that wait", value=pool.waiting)
        yield CounterMetricFamily("kg_workers_started", "Processes", value=pool.gauges.started)
        killed = CounterMetricFamily("kg_queries_stopped", "Queries stopped", labels=("reason",))
        for reason, count in sorted(pool.gauges.killed.items()):
            killed.add_metric((reason,), count)
        yield killed
