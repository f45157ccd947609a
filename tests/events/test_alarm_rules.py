"""Alarms for those who watch over the cabinet: that they ring, and that what they ask for is really
served.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

import jobs
from db import backups, job_runs, metrics
from db.registry import RegistryImport
from tests.kit import production
from tests.kit.process import env, free_port, litestar, running, until, web

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
RULES = DEPLOY / "prometheus.rules.yml"
OWN = {
    name: production.FILLED[name] for name in ("CABINET_SECRETS", "CABINET_ATTACHMENT_KEYS")
} | production.MONEY
GIVEN_BY_PROMETHEUS = {
    "job",
    "instance",
}  # a label of ours by this name comes out as exported_job, and no rule on it ever rings


@pytest.mark.skipif(not shutil.which("promtool"), reason="apt-get install prometheus")
@pytest.mark.parametrize(
    "report", [["check", "rules", str(RULES)], ["test", "rules", str(DEPLOY / "prometheus.rules.test.yml")]]
)
def test_the_rules_ring_for_what_they_name_and_are_silent_when_all_is_well(report):
    done = subprocess.run(["promtool", *report], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def served(db, write, clock, engine, tmp_path):
    """The figures of a file where everything has happened at least once, by name: (label, values)."""
    with write() as own:
        own.add(RegistryImport(at=clock.now(), kind="contracts", file="contracts.csv"))
    job_runs.record_run(engine, "outbox", clock.now(), "")
    (tmp_path / "cabinet-20261123T080000Z.sqlite").touch()
    clock.forward(minutes=5)
    return {
        f"cabinet_{name}": (label, values)
        for name, _, label, values in metrics.read_metrics(db, clock.now(), tmp_path)
    }


def test_no_label_of_ours_is_one_prometheus_gives_itself(served):
    assert not {label for label, _ in served.values()} & GIVEN_BY_PROMETHEUS
    assert served["cabinet_job_age_seconds"] == ("task", {"outbox": 300.0})


def test_the_age_of_the_registry_and_of_the_newest_copy_are_told(served, db, clock, tmp_path):
    assert served["cabinet_import_age_seconds"] == ("kind", {"contracts": 300.0})
    assert served["cabinet_backups"][1] == {"": 1}
    [copy] = backups.list_backups(tmp_path)
    os.utime(copy, (clock.now().timestamp() - 7200,) * 2)
    found = {name: values for name, _, _, values in metrics.read_metrics(db, clock.now(), tmp_path)}
    assert found["backup_age_seconds"] == {"": 7200.0}
    copy.unlink()
    found = {name: values for name, _, _, values in metrics.read_metrics(db, clock.now(), tmp_path)}
    assert found["backups"] == {"": 0} and found["backup_age_seconds"] == {}, (
        "no copy has no age; the count says there is none"
    )


def test_every_figure_and_label_a_rule_asks_for_is_served(served):
    text = RULES.read_text("utf-8")
    counted = {
        "cabinet_requests_total",
        "cabinet_writes_waiting",
        "cabinet_file_answers",
    }  # test_monitor: of the process itself
    requested = set(re.findall(r"\b(cabinet_\w+)", text))
    assert requested and not requested - set(served) - counted
    for name, label, value in re.findall(r'(cabinet_\w+)\{(\w+)="([^"]+)"\}', text):
        assert name in counted or served[name][0] == label, f"{name}: {label}"
        assert label != "task" or value in jobs.periods()


def test_each_service_serves_its_figures_at_a_port_of_its_own():
    ports = {}
    for unit in ("web", "jobs", "station"):
        lines = (DEPLOY / f"cabinet-{unit}.service").read_text("utf-8").splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith("Environment=CABINET_METRICS_PORT="))
        ports[unit] = int(lines[at].rpartition("=")[2])
        assert at < lines.index("EnvironmentFile=/etc/cabinet/env"), (
            "0 in the operator's file turns all of them off"
        )
    assert ports == {"web": 9180, "jobs": 9181, "station": 9182}


def test_dead_jobs_are_seen_from_the_web_process_by_the_very_query_of_the_rule(settings, tmp_path):
    """The jobs are killed; what the rule looks at goes on being served, and grows."""
    figures_port, jobs_port = free_port(), free_port()

    def age() -> float | None:
        visible = httpx.get(f"http://127.0.0.1:{figures_port}/metrics", trust_env=False).text
        found = re.search(r'^cabinet_job_age_seconds\{task="outbox"\} (\S+)$', visible, re.M)
        return float(found[1]) if found else None

    # The demonstration runs the jobs inside the web process: a folder of our own process does not.
    with web(settings, tmp_path / "web.log", CABINET_METRICS_PORT=str(figures_port), CABINET_DEMO="0", **OWN):
        with running(
            litestar("jobs"),
            env(settings, CABINET_METRICS_PORT=str(jobs_port), CABINET_DEMO="0", **OWN),
            tmp_path / "jobs.log",
        ) as process:
            until(lambda: age() is not None, process)
            assert 'kind="jobs"' in httpx.get(f"http://127.0.0.1:{jobs_port}/metrics", trust_env=False).text
        first = age()
        while age() < first + 1:
            pass
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{jobs_port}/metrics", trust_env=False)
