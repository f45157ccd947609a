"""Metrics for Prometheus; each process serves its own on a separate port.

Counters of the process (requests, waiting writers, events) start at zero with it; metrics of the database
(outbox, jobs, payments, queue) are the same from every process. No label contains personal data.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from litestar.types import HTTPScope
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlmodel import Session

from db import backups, metrics, write_lock
from db.events import station
from monitor.logs import method_label, route
from settings import Settings

log = logging.getLogger("cabinet.metrics")
Now = Callable[[], datetime]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

registry = CollectorRegistry()
answers = Counter("cabinet_requests", "Requests answered", ("method", "route", "status"), registry=registry)
latency = Histogram(
    "cabinet_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=registry
)
_started: list[int] = []


def count_request(scope: HTTPScope, status: int, seconds: float) -> None:
    """Count one response and its duration."""
    where = route(scope)
    answers.labels(method_label(scope["method"]), where, str(status) if status else "gone").inc()
    latency.labels(where).observe(seconds)


class ProcessMetrics(Collector):
    """Metrics of this process."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def collect(self) -> Iterator[Metric]:
        kind = GaugeMetricFamily(
            "cabinet_process", "Which process this is: web, jobs, station", labels=["kind"]
        )
        kind.add_metric([self.kind], 1)
        yield kind
        yield GaugeMetricFamily(
            "cabinet_writes_waiting", "Threads waiting for the writer's turn", write_lock.count_waiting()
        )
        yield CounterMetricFamily(
            "cabinet_writes", "Write transactions of this process", write_lock.count_acquired()
        )
        events = CounterMetricFamily(
            "cabinet_events", "Events of the station received by this process", labels=["answer"]
        )
        for answer, number in list(station.answer_counts.items()):
            events.add_metric([answer], number)
        yield events


class DatabaseMetrics(Collector):
    """Metrics of the database, read at each scrape in a few milliseconds."""

    def __init__(self, engine: Engine, now: Now, copies: Path | None) -> None:
        self.engine, self.now, self.copies = engine, now, copies

    def collect(self) -> Iterator[Metric]:
        try:
            with Session(self.engine) as db:
                found = metrics.read_metrics(db, self.now(), self.copies)
        except Exception as wrong:
            log.warning("metrics of the database could not be read: %s", wrong)
            found = None
        yield GaugeMetricFamily(
            "cabinet_file_answers", "Whether the file could be read", int(found is not None)
        )
        for name, words, label, values in found or []:
            gauge = GaugeMetricFamily(f"cabinet_{name}", words, labels=[label] if label else [])
            for value, number in values.items():
                gauge.add_metric([value] if label else [], number)
            yield gauge


def serve(settings: Settings, engine: Engine, now: Now, kind: str) -> int:
    """Serve the metrics of this process; the port, or 0 when another process has it: each needs its own."""
    if _started:
        return _started[0]
    port = settings.metrics_port
    try:
        start_http_server(port, settings.metrics_host, registry)
    except OSError:
        log.error(
            "metrics port %s is taken: each service needs its own CABINET_METRICS_PORT (deploy/*.service)",
            port,
        )
        return 0
    for collector in (ProcessMetrics(kind), DatabaseMetrics(engine, now, _copies(settings, engine))):
        registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    _started.append(port)
    log.info("metrics on port %s", port)
    return port


def _copies(settings: Settings, engine: Engine) -> Path | None:
    """Return the backup folder; None for PostgreSQL, whose own tools make backups."""
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return backups.backup_folder(settings, Path(name)) if name else None
