"""The alerts and the dashboard of deploy/monitoring/ are sound, and ask for what /metrics serves."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from contracts.documents import files as documents
from contracts.tasks import check_seal, seal_audit_trail, settle_due
from jobs.models import RecoveryRun
from tests import factories
from tests.figures import TOKEN, figures

MONITORING = Path(__file__).resolve().parents[2] / "deploy/monitoring"
OPERATIONS = (MONITORING.parents[1] / "docs/operations.md").read_text()
ALERTS = [
    rule for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text())
UNIT_TESTS = yaml.safe_load((MONITORING / "alerts_test.yaml").read_text())["tests"]
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool (scripts/install_tools.sh)")


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", []))


def metrics_in(text: str) -> set[str]:
    return set(re.findall(r"\becc_\w+", text))


@needs_promtool
@pytest.mark.parametrize("command", [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]])
def test_promtool_finds_nothing_wrong(command):
    done = subprocess.run(["promtool", *command], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_understands_each_expression_of_the_dashboard(tmp_path):
    rules = [{"record": f"panel:{i}", "expr": expression} for i, expression in enumerate(expressions())]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tested_firing_and_silent():
    asked: dict[str, set[bool]] = {}
    for case in UNIT_TESTS:
        for one in case["alert_rule_test"]:
            asked.setdefault(one["alertname"], set()).add(bool(one.get("exp_alerts")))
    assert asked == {rule["alert"]: {True, False} for rule in ALERTS}


def test_each_alert_says_how_bad_it_is_and_what_to_do():
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "action"}


@pytest.mark.django_db
def test_each_metric_of_alerts_and_dashboard_is_served(issuer, client, settings, clock, monkeypatch):
    monkeypatch.setattr("config.state_metrics.get_lag_seconds", lambda: 0.0)  # tests/system/test_replica.py has one
    settings.METRICS_TOKEN, settings.SEAL_TSA_URL = TOKEN, "http://127.0.0.1:1/"
    contract = factories.draft(factories.member())
    client.get("/login/")
    settings.SEAL_TSA_FAILURE = "seal_without"
    for job in (settle_due, check_seal, seal_audit_trail):
        job()
    client.post("/verify/", {"file": SimpleUploadedFile("a.pdf", documents.read(documents.current(contract)))})
    for kind in RecoveryRun.Kind:
        RecoveryRun.record(kind, at=timezone.now(), seconds=1, size=1)
    served = figures().names()
    named = {name for expression in expressions() for name in metrics_in(expression)}
    assert named - served == set()


def test_each_metric_is_documented():
    """Those of the table in operations.md are those of alerts and dashboard, without the parts of a histogram."""
    table = OPERATIONS.split("## Metrics")[1].split("\n## ")[0]
    named = {name for expression in expressions() for name in metrics_in(expression)}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in named} == metrics_in(table)


def test_each_metric_that_is_collected_is_in_the_table():
    """Whatever begins with ecc_ in the code."""
    code = "\n".join(
        path.read_text() for name in ("config", "contracts") for path in (MONITORING.parents[1] / name).rglob("*.py")
    )
    declared = set(re.findall(r'"(ecc_\w+)"', code))
    table = metrics_in(OPERATIONS.split("## Metrics")[1].split("\n## ")[0])
    assert declared == {name.removesuffix("_total") for name in table}


def test_the_dashboard_is_one():
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in panels):
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells
    for panel in panels:
        if panel["type"] != "row":
            assert panel["targets"]
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            assert {source["uid"] for source in sources} == {"${datasource}"}


def test_the_scrape_job_of_the_docs_is_the_one_that_alerts_ask_for():
    [job] = re.findall(r"job_name: (\w+)", OPERATIONS)
    assert f'up{{job="{job}"}}' in next(rule["expr"] for rule in ALERTS if rule["alert"] == "WebNotScraped")
