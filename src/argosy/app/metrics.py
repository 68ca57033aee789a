"""Prometheus metrics: what is told in the rooms, as series; and what is looked up when somebody reads them.

Where they measure the same, names are those of Kubernetes' controller-runtime and client-go, as Kargo has them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from argosy import __version__
from argosy.runtime.controller import Controller

log = logging.getLogger(__name__)

MOST_HOSTS = 100
"""Hosts that have series of their own; what users make Argosy speak to must not fill the memory."""

OTHER = "other"

_SHORT = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60)
_LONG = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Series:
    """What becomes of something that is told: a histogram of seconds, and perhaps counters of it and of its errors.

    Attributes:
        labels: of the histogram, among those that are told.
        counted: name of a counter, with the labels after it.
        errors: name of a counter of those whose `result` is an error.
    """

    name: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = _SHORT
    counted: tuple[str, ...] = ()
    errors: str = ""


SERIES: Mapping[str, Series] = {
    "reconcile": Series(
        "controller_runtime_reconcile_time_seconds",
        "How long turns of controllers took",
        ("controller",),
        counted=("controller_runtime_reconcile_total", "controller", "result"),
        errors="controller_runtime_reconcile_errors_total",
    ),
    "promotion": Series(
        "argosy_promotion_duration_seconds", "How long promotions took, by how they ended", ("phase",), _LONG
    ),
    "discovery": Series(
        "argosy_discovery_duration_seconds",
        "How long looks for artifacts took",
        ("source",),
        errors="argosy_discovery_errors_total",
    ),
    "git_command": Series(
        "argosy_git_command_duration_seconds", "How long git commands took", ("command", "result"), _LONG
    ),
    "http_request": Series(
        "argosy_http_request_duration_seconds",
        "How long requests to registries and other servers took",
        ("host",),
        counted=("argosy_http_requests_total", "host", "code"),
    ),
    "cluster_request": Series(
        "rest_client_request_duration_seconds",
        "How long requests to Kubernetes API servers took",
        ("verb", "host"),
        counted=("rest_client_requests_total", "method", "host", "code"),
    ),
    "api_request": Series(
        "argosy_api_request_duration_seconds",
        "How long answers took, watches left out",
        ("server", "method"),
        counted=("argosy_api_requests_total", "server", "method", "code"),
    ),
    "store_write": Series(
        "argosy_store_write_duration_seconds",
        "How long writes to the store took",
        ("verb", "kind"),
        counted=("argosy_store_writes_total", "verb", "kind", "result"),
    ),
}
"""By what is told to the meter (`argosy.meter`)."""

_FINE = frozenset({"success", "requeue", "requeue_after", "cancelled"})


class Metrics:
    """A Meter, and what it measured. Nothing here is global: each server has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._measures = {what: _Measure(series, self.registry) for what, series in SERIES.items()}
        self._hosts: set[str] = set()
        self.registry.register(_Constant("argosy_build_info", "Which version this is", {"version": __version__}))

    def took(self, what: str, seconds: float, **labels: str) -> None:
        """Count and time what is known; what is not is passed over, with a word in the log."""
        measure = self._measures.get(what)
        if measure is None:
            log.debug("nothing is measured of %s", what)
            return
        if "host" in labels:
            labels["host"] = self._bounded(labels["host"])
        measure.took(seconds, labels)

    def watch(self, controllers: Iterable[Controller], leads: Callable[[], bool]) -> None:
        """From now on, the state of these controllers is told, and whether this replica leads."""
        self.registry.register(_Controllers(tuple(controllers), leads))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)

    def _bounded(self, host: str) -> str:
        if host not in self._hosts:
            if len(self._hosts) >= MOST_HOSTS:
                return OTHER
            self._hosts.add(host)
        return host


@dataclass
class _Measure:
    series: Series
    registry: CollectorRegistry
    seconds: Histogram = field(init=False)
    count: Counter | None = field(init=False, default=None)
    errors: Counter | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        made, registry = self.series, self.registry
        self.seconds = Histogram(made.name, made.help, made.labels, registry=registry, buckets=made.buckets)
        if made.counted:
            name, *labels = made.counted
            self.count = Counter(name, f"{made.help}: how many there were", labels, registry=registry)
        if made.errors:
            self.errors = Counter(made.errors, f"{made.help}: how many failed", made.labels, registry=registry)

    def took(self, seconds: float, labels: Mapping[str, str]) -> None:
        self.seconds.labels(*(labels.get(name, "") for name in self.series.labels)).observe(max(0.0, seconds))
        if self.count is not None:
            self.count.labels(*(labels.get(name, "") for name in self.series.counted[1:])).inc()
        if self.errors is not None and labels.get("result") not in _FINE:
            self.errors.labels(*(labels.get(name, "") for name in self.series.labels)).inc()


class _Constant(Collector):
    def __init__(self, name: str, told: str, labels: Mapping[str, str]) -> None:
        self._family = GaugeMetricFamily(name, told, labels=list(labels))
        self._family.add_metric(list(labels.values()), 1)

    def collect(self) -> Iterator[Metric]:
        yield self._family


class _Controllers(Collector):
    def __init__(self, controllers: tuple[Controller, ...], leads: Callable[[], bool]) -> None:
        self._controllers = controllers
        self._leads = leads

    def collect(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("workqueue_depth", "Keys that wait for a worker", labels=["name"])
        active = GaugeMetricFamily(
            "controller_runtime_active_workers", "Keys that are being worked on", labels=["controller"]
        )
        most = GaugeMetricFamily(
            "controller_runtime_max_concurrent_reconciles", "Workers of a controller", labels=["controller"]
        )
        added = CounterMetricFamily("workqueue_adds", "Keys that were queued", labels=["name"])
        for each in self._controllers:
            name = [each.kind.lower()]
            depth.add_metric(name, each.queue.ready)
            active.add_metric(name, each.queue.active)
            most.add_metric(name, each.workers)
            added.add_metric(name, each.queue.added)
        leads = GaugeMetricFamily("leader_election_master_status", "Whether this replica leads", labels=["name"])
        leads.add_metric(["argosy"], float(self._leads()))
        yield from (depth, active, most, added, leads)
