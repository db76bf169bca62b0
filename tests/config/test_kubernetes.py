"""deploy/kubernetes/ runs what compose.yaml runs, with the same settings and limits, and no more rights."""

import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.celery import QUEUES
from tests.config.test_deployment import COMPOSE, DOCKERFILE, OURS, SETTINGS, check_command

FOLDER = Path(__file__).resolve().parents[2] / "deploy/kubernetes"
OF_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PUBLIC_HOST"}
pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="needs kubectl (scripts/install_tools.sh)")


def rendered(folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True)
    return [resource for resource in yaml.safe_load_all(done.stdout) if resource]


@cache
def resources() -> list[dict[str, Any]]:
    return rendered(FOLDER)


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in resources() if one["kind"] in kinds}


def pods() -> dict[str, dict[str, Any]]:
    return {name: one["spec"]["template"]["spec"] for name, one in of_kind("Deployment", "Job").items()}


def app_of(pod: dict[str, Any]) -> dict[str, Any]:
    [app] = pod["containers"]
    return app


def settings_of(file: str) -> dict[str, str]:
    lines = (FOLDER / file).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def megabytes(size: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([MGmg])i?", size).groups()
    return int(number) * (1024 if unit in "Gg" else 1)


def cores(number: str) -> float:
    return int(number[:-1]) / 1000 if number.endswith("m") else float(number)


def test_each_file_is_part_of_the_base():
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    named = {*listed["resources"], *(patch["path"] for patch in listed["patches"])}
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.yaml")}
    assert named == files - {"kustomization.yaml"}


def test_the_pods_are_the_services_of_compose():
    assert set(pods()) == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_pod_runs_the_command_of_its_service(name):
    command = app_of(pods()[name]).get("command")
    ours = OURS[name].get("command")
    assert (command and shlex.join(command)) == (ours and shlex.join(shlex.split(ours)))
    if command:
        check_command(shlex.join(command))


def test_each_queue_is_served_by_a_pod():
    commands = [app_of(pod).get("command") or [] for name, pod in pods().items() if name.startswith("worker")]
    served = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]
    assert sorted(served) == sorted(QUEUES)


def test_exactly_one_clock_runs_also_during_an_update():
    beat = of_kind("Deployment")["beat"]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})


@pytest.mark.parametrize("name", OURS)
def test_a_pod_has_the_settings_of_its_service(name):
    """Those of compose.yaml that have a value, the seal's only where it is used; and no others than documented."""
    app = app_of(pods()[name])
    sources = {next(iter(each.values()))["name"].rsplit("-", 1)[0] for each in app["envFrom"]}
    assert sources == {"settings", "secrets"}
    given = {
        *settings_of("settings.env"),
        *settings_of("secrets.env.example"),
        *(one["name"] for one in app.get("env", [])),
    }
    environment = OURS[name]["environment"]
    needed = {key for key, value in environment.items() if value and not re.fullmatch(r"\$\{\w+:-\}", value)}
    assert needed - given == set()
    assert given - SETTINGS - OF_LIBRARIES - {"POD_IP"} == set()
    assert ("SEAL_P12" in given) == bool(environment["SEAL_P12"])
    assert ("seal" in {volume["name"] for volume in pods()[name]["volumes"]}) == bool(environment["SEAL_P12"])


def test_settings_that_both_fix_are_the_same():
    fixed = {key: value for key, value in OURS["beat"]["environment"].items() if value and "$" not in value}
    ours = settings_of("settings.env")
    assert {key: ours[key] for key in fixed} == fixed
    assert not {key for key in settings_of("secrets.env.example") if key in ours}


@pytest.mark.parametrize("name", OURS)
def test_a_pod_has_the_limits_of_its_service(name):
    limits = app_of(pods()[name])["resources"]["limits"]
    ours = OURS[name]["deploy"]["resources"]["limits"]
    assert megabytes(limits["memory"]) == megabytes(ours["memory"])
    assert cores(limits["cpu"]) == float(ours["cpus"])


@pytest.mark.parametrize("name", OURS)
def test_a_pod_can_do_no_more_than_it_must(name):
    pod = pods()[name]
    [user] = re.findall(r"^USER (\d+):", DOCKERFILE, re.MULTILINE)
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["image"] == app_of(pod)["image"]


def test_every_process_but_the_job_waits_for_it():
    waiting = {name for name, pod in pods().items() if "initContainers" in pod}
    assert waiting == set(OURS) - {"migrate"}


def test_what_is_stopped_may_finish_first():
    for name in set(OURS) - {"migrate", "beat"}:
        ours = OURS[name]["stop_grace_period"].replace("1m", "60s").removesuffix("s")
        assert pods()[name]["terminationGracePeriodSeconds"] >= int(ours)


def test_web_is_probed_by_what_does_not_depend_on_others():
    web = app_of(pods()["web"])
    probes = [web[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")]
    assert probes == ["/healthz"] * 3
    allowed = next(one["value"] for one in web["env"] if one["name"] == "ALLOWED_HOSTS")
    assert allowed == "$(PUBLIC_HOST),web,$(POD_IP)"  # by which the kubelet asks


def test_selectors_find_their_pods():
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind("Deployment", "Job").values()]
    selectors = [one["spec"]["selector"] for one in of_kind("Service").values()]
    budgets = of_kind("PodDisruptionBudget").values()
    selectors += [one["spec"]["selector"]["matchLabels"] for one in budgets]
    policies = of_kind("NetworkPolicy").values()
    selectors += [one["spec"]["podSelector"].get("matchLabels", {}) for one in policies]
    for selector in selectors:
        assert any(selector.items() <= label.items() for label in labels), selector
    for budget in budgets:  # or a node could never be drained
        replicas = of_kind("Deployment")[budget["metadata"]["name"]]["spec"]["replicas"]
        assert replicas > budget["spec"]["minAvailable"]


def test_those_reach_the_outside_that_reach_it_in_compose():
    outside = {name for name in OURS if "outside" in COMPOSE["services"][name]["networks"]}
    deployments = of_kind("Deployment", "Job").items()
    labelled = {
        name for name, one in deployments if "contracts/outside" in one["spec"]["template"]["metadata"]["labels"]
    }
    assert labelled == outside
    refused = of_kind("NetworkPolicy")["nothing-else"]["spec"]
    assert refused == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_settings_with_odd_characters_arrive_unchanged(tmp_path):
    value = "Li & Söhne $HOME 100% #1 'x' \"y\" <contracts@example.com>"
    folder = shutil.copytree(FOLDER, tmp_path / "base")
    with (folder / "settings.env").open("a") as file:
        file.write(f"ODD={value}\n")
    [settings] = [one for one in rendered(folder) if one["kind"] == "ConfigMap"]
    assert settings["data"]["ODD"] == value
    assert settings["data"]["DEFAULT_FROM_EMAIL"] == "Contracts <contracts@example.com>"
