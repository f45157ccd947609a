"""Figures for Prometheus, on a port of their own, one port per process.

What a process counts itself (requests, writes waiting, events taken) begins anew with it; what the file knows (outbox,
jobs, payments, the desk's queue) is the same from whoever is asked. No label ever holds what belongs to a person.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from litestar.types import HTTPScope
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlmodel import Session

from db import figures, queue, station
from monitor.logs import known, route
from settings import Settings

log = logging.getLogger("cabinet.metrics")
Now = Callable[[], datetime]

# Several processes share the setting: each takes the first free port from it on.
PORTS = 16
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

registry = CollectorRegistry()
answers = Counter("cabinet_requests", "Requests answered", ("method", "route", "status"), registry=registry)
latency = Histogram("cabinet_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=registry)
_started: list[int] = []


def count(scope: HTTPScope, status: int, seconds: float) -> None:
    """One request."""
    where = route(scope)
    answers.labels(known(scope["method"]), where, str(status) if status else "gone").inc()
    latency.labels(where).observe(seconds)


class OfProcess(Collector):
    """What this process knows without the file."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def collect(self) -> Iterator[Metric]:
        kind = GaugeMetricFamily("cabinet_process", "Which process this is: web, jobs, station", labels=["kind"])
        kind.add_metric([self.kind], 1)
        yield kind
        yield GaugeMetricFamily("cabinet_writes_waiting", "Threads waiting for the writer's turn", queue.waiting())
        yield CounterMetricFamily("cabinet_writes", "Write transactions of this process", queue.taken())
        events = CounterMetricFamily("cabinet_events", "Events of the station heard by this process", labels=["answer"])
        for answer, number in list(station.heard.items()):
            events.add_metric([answer], number)
        yield events


class OfFile(Collector):
    """What the file knows; asked at each scrape, a few milliseconds."""

    def __init__(self, engine: Engine, now: Now) -> None:
        self.engine, self.now = engine, now

    def collect(self) -> Iterator[Metric]:
        try:
            with Session(self.engine) as db:
                found = figures.read(db, self.now())
        except Exception as wrong:
            log.warning("figures of the file could not be read: %s", wrong)
            found = None
        yield GaugeMetricFamily("cabinet_file_answers", "Whether the file could be read", int(found is not None))
        for name, words, label, values in found or []:
            gauge = GaugeMetricFamily(f"cabinet_{name}", words, labels=[label] if label else [])
            for value, number in values.items():
                gauge.add_metric([value] if label else [], number)
            yield gauge


def begin(settings: Settings, engine: Engine, now: Now, kind: str) -> int:
    """Serve this process's figures; the port taken, or 0 where no port was free."""
    if _started:
        return _started[0]
    for port in range(settings.metrics_port, settings.metrics_port + PORTS):
        try:
            start_http_server(port, settings.metrics_host, registry)
        except OSError:
            continue
        for collector in (OfProcess(kind), OfFile(engine, now)):
            registry.register(collector)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        _started.append(port)
        log.info("figures on port %s", port)
        return port
    log.error("no free port for figures from %s on", settings.metrics_port)
    return 0
