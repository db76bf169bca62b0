"""What the Dockerfile, compose.yaml and the Procfile name is there, and none of them turns DEBUG on."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from celery.bin.celery import celery
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("build")}
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
SETTINGS = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs/settings.md").read_text()))


def instructions(name: str) -> list[str]:
    return re.findall(rf"^\s*{name} +(.+)$", DOCKERFILE, re.MULTILINE)


def check_command(command: str) -> None:
    words = [word for word in shlex.split(command) if word != "DEBUG=false"]
    match words[0].rsplit("/", 1)[-1], words[1:]:
        case "python", ["manage.py", name, *_]:
            assert name in get_commands()
        case "python", [script]:
            assert (ROOT / script).is_file()
        case "celery", ["-A", module, name, *_]:
            assert import_module(module + ".celery").app
            assert name in celery.commands
        case "gunicorn", [module, *_]:
            assert import_module(module).application
        case _:
            pytest.fail(f"nobody knows {command}")


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_command_that_exists_with_settings_that_exist(name):
    service = OURS[name]
    if "command" in service:
        check_command(service["command"])
    assert set(service["environment"]) <= SETTINGS
    assert service["environment"]["DEBUG"] == "false"


def test_each_part_of_the_system_is_a_service():
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "database", "redis", "proxy", "s3"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["s3"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_refers_to_what_is_there(name):
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]
    for other, wanted in service.get("depends_on", {}).items():
        if wanted["condition"] == "service_healthy" and other not in OURS:
            assert SERVICES[other]["healthcheck"]


def test_the_proxy_leads_to_the_web_service_by_the_name_it_answers_to():
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    assert "reverse_proxy web:8000" in caddyfile
    assert set(re.findall(r"\{\$(\w+)\}", caddyfile)) <= set(SERVICES["proxy"]["environment"])
    assert SERVICES["web"]["environment"]["NUM_PROXIES"] == "1"


def test_the_image_names_what_is_there():
    for sources in instructions("COPY"):
        for source in [word for word in sources.split()[:-1] if not word.startswith(("--", "/"))]:
            assert (ROOT / source).exists()
    for name in re.findall(r"(\w+)=", instructions("ENV")[-1]):
        assert name in SETTINGS | {"PATH", "PYTHONUNBUFFERED"}
    for command in instructions("CMD"):
        check_command(shlex.join(yaml.safe_load(command)))
    for command in re.findall(r"/opt/venv/bin/python (manage\.py \w+)", DOCKERFILE):
        check_command(f"python {command}")


def test_the_image_holds_locked_packages_and_is_no_root():
    assert "--require-hashes -r /tmp/runtime.txt" in DOCKERFILE
    assert instructions("USER") == ["contracts"]
    assert "DEBUG=false" in instructions("ENV")[-1]
    assert instructions("HEALTHCHECK")


@pytest.mark.parametrize("name", PROCFILE)
def test_the_procfile_runs_commands_that_exist_without_debug(name):
    check_command(PROCFILE[name])
    assert PROCFILE[name].startswith("DEBUG=false ")


def test_nothing_of_the_build_reaches_a_running_system():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", ".env", "var", "tests"} <= set(ignored)
