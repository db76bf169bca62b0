"""What the Dockerfile, compose.yaml and the Procfile name is there, and none of them turns DEBUG on."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from celery.bin.celery import celery
from click import Context
from django.core.management import get_commands
from gunicorn.config import Config

from config.celery import QUEUES, app

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("build")}
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
WORKERS = [name for name in SERVICES if name.split("-")[0] == "worker"]
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
        case "celery", ["--quiet", "-A", module, name, *options]:
            assert import_module(module + ".celery").app
            celery.commands[name].make_parser(Context(celery.commands[name])).parse_args(options)
        case "gunicorn", [module, *options]:
            assert import_module(module).application
            Config().parser().parse_args(options)
        case _:
            pytest.fail(f"nobody knows {command}")


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_runs_a_command_that_exists_with_settings_that_exist(name):
    service = OURS[name]
    if "command" in service:
        check_command(service["command"])
    assert set(service["environment"]) <= SETTINGS
    assert service["environment"]["DEBUG"] == "false"
    assert service["env_file"] == [{"path": ".env", "required": False}]  # all other settings come by it


def test_each_part_of_the_system_is_a_service():
    assert set(SERVICES) == {"migrate", "web", *WORKERS, "beat", "database", "redis", "proxy", "s3"}
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


def test_the_example_of_an_environment_file_names_what_must_be_given():
    lines = (ROOT / "deploy/env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    assert set(given) == set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text()))
    assert given["SECRET_KEY"] == given["POSTGRES_PASSWORD"] == ""  # a secret that is printed here is none


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_no_more_than_it_must(name):
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"memory", "cpus", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


def test_images_of_others_are_named_by_their_exact_version():
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    [base] = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert instructions("FROM") == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"]
    for image in (*images, base):
        assert re.search(r":v?\d+(\.\d+)+(-[\w-]+)?(@sha256:[0-9a-f]{64})?$", image), image
        assert not re.search(r":v?\d+(-|$)", image), image


def test_the_image_can_back_up_the_database_that_it_comes_with():
    [client] = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    assert SERVICES["database"]["image"].startswith(f"postgres:{client}.")


def test_database_and_broker_are_reached_by_nobody_but_us():
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    reached = [name for name, service in SERVICES.items() if "outside" in service["networks"]]
    assert reached == ["web", *WORKERS, "proxy"]
    assert SERVICES["proxy"]["networks"] == ["outside"]


def test_what_is_stopped_may_finish_first():
    graceful = Config().settings["graceful_timeout"].get()
    assert int(SERVICES["web"]["stop_grace_period"].removesuffix("s")) > graceful
    assert {SERVICES[name]["stop_grace_period"] for name in (*WORKERS, "database")} == {"1m"}


def test_each_queue_has_a_worker_and_the_clock_shares_its_own_with_nothing():
    served = [shlex.split(SERVICES[name]["command"]) for name in WORKERS]
    queues = [words[words.index("-Q") + 1].split(",") for words in served]
    assert sorted(name for names in queues for name in names) == sorted(QUEUES)
    assert ["clock"] in queues


def test_every_task_has_a_queue():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith(("celery.", "tests."))}
    assert ours == {task for tasks in QUEUES.values() for task in tasks}


def test_the_proxy_leads_to_the_web_service_by_the_name_it_answers_to():
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    assert "reverse_proxy web:8000" in caddyfile
    assert set(re.findall(r"\{\$(\w+)\}", caddyfile)) <= set(SERVICES["proxy"]["environment"])
    assert SERVICES["web"]["environment"]["NUM_PROXIES"] == "1"


def test_figures_are_for_prometheus_beside_the_web_service_and_not_for_the_proxy():
    assert "respond /metrics 404\n" in (ROOT / "deploy/Caddyfile").read_text()
    assert SERVICES["web"]["environment"]["ALLOWED_HOSTS"].endswith(",web")


def test_the_image_names_what_is_there():
    for sources in instructions("COPY"):
        for source in [word for word in sources.split()[:-1] if not word.startswith(("--", "/"))]:
            assert (ROOT / source).exists()
    for name in re.findall(r"(\w+)=", instructions("ENV")[-1]):
        assert name in SETTINGS | {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    for command in instructions("CMD"):
        check_command(shlex.join(yaml.safe_load(command)))
    for command in re.findall(r"/opt/venv/bin/python (manage\.py \w+)", DOCKERFILE):
        check_command(f"python {command}")


def test_the_image_holds_locked_packages_and_is_no_root():
    assert "--require-hashes --only-binary :all: -r /tmp/runtime.txt" in DOCKERFILE
    assert instructions("USER") == ["10001:10001"]
    assert "DEBUG=false" in instructions("ENV")[-1]
    assert instructions("HEALTHCHECK")


@pytest.mark.parametrize("name", PROCFILE)
def test_the_procfile_runs_commands_that_exist_without_debug(name):
    check_command(PROCFILE[name])
    assert PROCFILE[name].startswith("DEBUG=false ")


def test_nothing_of_the_build_reaches_a_running_system():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", ".env", "var", "tests"} <= set(ignored)


def test_the_seal_is_given_to_those_that_seal_and_verify():
    """Empty in the others, whatever the file .env says."""
    leads_to_the_key = ("SEAL_P12", "SEAL_P12_PASSPHRASE", "SEAL_PKCS11_MODULE", "SEAL_PKCS11_PIN")
    given = [name for name, one in OURS.items() if any(one["environment"][each] for each in leads_to_the_key)]
    mounted = [name for name, one in SERVICES.items() if any(v.startswith("seal:") for v in one.get("volumes", []))]
    assert given == mounted == ["web", "worker-sealing"]


def test_redis_has_a_password_and_ours_know_it():
    assert all(":${REDIS_PASSWORD:?" in one["environment"]["REDIS_URL"] for one in OURS.values())
    redis = SERVICES["redis"]
    assert redis["environment"]["REDISCLI_AUTH"] == "${REDIS_PASSWORD}"
    assert "requirepass" in redis["command"][-1]


def test_the_proxy_buffers_bodies_keeps_readiness_inside_and_waits_over_a_restart():
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()
    said = {tuple(line.split()) for line in caddyfile.splitlines()}
    limit = next(words[1] for words in said if words[:1] == ("max_size",))
    assert ("request_buffers", limit) in said
    assert {("respond", "/readyz", "404"), ("health_interval", "2s")} <= said
    assert {("lb_try_duration", "20s"), ("lb_try_interval", "250ms")} <= said
