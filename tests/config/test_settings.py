"""A start with a setting that is missing or unsound stops with a sentence that names it."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.utils.module_loading import import_string

from config.environment import is_there
from contracts.sealing.embedded import make_test_seal
from contracts.sealing.key import require_seal_at_start

ROOT = Path(__file__).resolve().parents[2]
LOAD = "import config.wsgi; from django.conf import settings; print(settings.SITE_URL)"
LOAD_ALONE = LOAD.replace("config.wsgi", "django; django.setup()")


@pytest.fixture
def production(tmp_path) -> dict[str, str]:
    """A sound environment without DEBUG."""
    seal = make_test_seal(tmp_path / "seal", name="Issuer", passphrase="").path
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "false",
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": "k" * 50,
        "ALLOWED_HOSTS": "contracts.example.com",
        "SITE_URL": "https://contracts.example.com/",
        "SEAL_P12": str(seal),
    }


def start(environment, load: str = LOAD) -> subprocess.CompletedProcess[str]:
    """As the web process starts."""
    return subprocess.run(
        [sys.executable, "-c", load], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def load(environment: dict[str, str]) -> dict[str, Any]:
    """The settings, read and checked in this process, which takes a thousandth of the time of a start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - environment:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = runpy.run_path(str(ROOT / "config" / "settings.py"))
    with override_settings(**{name: settings[name] for name in settings if name.startswith(("DEBUG", "SEAL_"))}):
        require_seal_at_start()
    return settings


def refusal(environment: dict[str, str]) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        load(environment)
    return str(refused.value)


def test_a_sound_environment_starts(production):
    started = start(production)
    assert (started.returncode, started.stdout.strip()) == (0, "https://contracts.example.com"), started.stderr
    assert load(production)["SITE_URL"] == "https://contracts.example.com"


def test_an_unsound_environment_does_not_start(production):
    del production["SEAL_P12"]
    started = start(production)
    assert started.returncode != 0
    assert "ImproperlyConfigured: SEAL_P12 is not set" in started.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "SEAL_P12"])
def test_a_missing_one_is_named(production, name):
    del production[name]
    assert f"{name} is not set" in refusal(production)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SITE_URL", "contracts.example.com"),
        ("SITE_URL", "https://example.com/contracts"),
        ("PORT", "eighty"),
        ("DEBUG", "maybe"),
        ("SEAL_ALLOW_TEST", "maybe"),
        ("TIME_ZONE", "Mars/Base"),
        ("TIME_ZONE", "../etc/passwd"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgre://user:password@host/name"),
        ("DATABASE_URL", "mysql://user:password@host/name"),
        ("DATABASE_URL", "postgres://user:password@host:port/name"),
        ("DATABASE_REPLICA_URL", "nonsense"),
        ("DATABASE_REPLICA_URL", "postgres://user:password@host/name"),  # of SQLite
        ("EMAIL_URL", "pigeon://host"),
        ("EMAIL_URL", "smtp://user:password@host:port"),
        ("REDIS_URL", "http://redis:6379"),
        ("STORAGE_URL", "s3:///prefix"),
        ("SEAL_P12", "/nowhere/seal.p12"),
        ("SEAL_P12", __file__),
        ("SEAL_ROOTS", "/nowhere/roots.pem"),
        ("SEAL_EARLIER_CERTIFICATES", "/nowhere/earlier.pem"),
        ("SEAL_TSA_ROOTS", "/nowhere/roots.pem"),
        ("SEAL_CRL", "/nowhere/ca.crl"),
        ("SEAL_LEVEL", "B-LTA"),
        ("SEAL_TSA_FAILURE", "ignore"),
        ("ALLOWED_HOSTS", ","),
        ("API_RATE", "-1"),
        ("API_RATE", "600/minute"),
        ("API_RATE", "٦٠٠"),
        ("FOUR_EYES", "maybe"),
        ("FOUR_EYES_BOOKINGS_OVER", "-1"),
        ("NUM_PROXIES", "one"),
        ("STORAGE_URL", "ftp://files"),
        ("TRAIL_ANCHOR_URL", "ftp://files"),
        ("TRAIL_ANCHOR_URL", "mailto:auditor"),
        ("TRAIL_ANCHOR_URL", "mailto:a@example.com mailto:b@example.com"),
        ("TRAIL_ANCHOR_URL", "file:///one file:///two"),
        ("ALLOWED_HOSTS", "*"),
        ("FALLBACK_FONT", "/nowhere/rare.ttf"),
        ("DEFAULT_FROM_EMAIL", "contracts"),
        ("METRICS_TOKEN", "t" * 31),
        ("STAFF_MFA_REQUIRED", "maybe"),
        ("OIDC_ISSUER", "http://login.issuer.example"),
        ("OIDC_ISSUER", "login.issuer.example"),
        ("OIDC_ALLOWED_DOMAINS", "issuer.example, @issuer.example"),
        ("OIDC_ROLES", "finance-team"),
        ("METRICS_TOKEN", "t" * 31 + " "),
        ("DEFAULT_FROM_EMAIL", "contracts@example.com\nBcc: other@example.com"),
    ],
)
def test_an_unsound_one_is_named(production, name, value):
    refused = refusal({**production, name: value})
    assert refused.startswith(f"{name} ")
    assert "user:password@host:port" not in refused  # a log keeps no password


@pytest.mark.exhaustive
def test_only_web_and_worker_need_the_seal(production):
    del production["SEAL_P12"]
    assert start(production, LOAD_ALONE).returncode == 0
    worker = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo"]
    started = subprocess.run(worker, cwd=ROOT, env=production, capture_output=True, text=True, check=False, timeout=120)
    assert started.returncode != 0
    assert "SEAL_P12 is not set" in started.stdout + started.stderr


def test_a_file_that_this_user_may_not_look_for_stops_the_start(monkeypatch):
    def refuse(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", refuse)  # nothing is refused to root, who may run the tests
    with pytest.raises(ImproperlyConfigured, match="SEAL_P12 names "):
        is_there("SEAL_P12", "/etc/contracts/seal.p12")


@pytest.mark.parametrize("mode", [0o604, 0o601, 0o666])
def test_a_seal_that_others_may_open_stops_the_start(production, mode):
    Path(production["SEAL_P12"]).chmod(mode)
    assert f"SEAL_P12 names {production['SEAL_P12']}, which every user" in refusal(production)
    Path(production["SEAL_P12"]).chmod(0o640)
    assert load(production)


def test_a_database_file_that_others_may_open_stops_the_start(production, tmp_path):
    database = tmp_path / "rows.sqlite3"
    production["DATABASE_URL"] = f"sqlite:///{database}"
    assert load(production)
    assert database.stat().st_mode & 0o777 == 0o600
    database.chmod(0o644)
    assert f"DATABASE_URL names {database}, which every user" in refusal(production)
    database.chmod(0o660)
    assert load(production)


@pytest.mark.parametrize(("site", "prefixed"), [("https://contracts.example.com", True), ("http://10.0.0.1", False)])
def test_cookies_are_of_this_host_alone_where_the_site_is_https(production, site, prefixed):
    settings = vars(global_settings) | load({**production, "SITE_URL": site})
    messages = import_string(settings["MESSAGE_STORAGE"]).storage_classes[0].cookie_name
    names = settings["SESSION_COOKIE_NAME"], settings["CSRF_COOKIE_NAME"], settings["LANGUAGE_COOKIE_NAME"], messages
    assert [name.startswith("__Host-") for name in names] == [prefixed] * 4


def test_a_value_may_begin_with_any_character(production):
    production["SECRET_KEY"] = "$" + "k" * 50
    assert load(production)["SECRET_KEY"] == production["SECRET_KEY"]


def test_a_key_in_a_device_needs_no_file_but_all_that_reaches_it(production):
    del production["SEAL_P12"]
    device = {"SEAL_PKCS11_MODULE": "/usr/lib/pkcs11.so", "SEAL_PKCS11_TOKEN": "contracts", "SEAL_PKCS11_KEY": "seal"}
    pin, certificates = {"SEAL_PKCS11_PIN": "1234"}, {"SEAL_CERTIFICATES": __file__}
    assert "SEAL_CERTIFICATES is not set" in refusal(production | device | pin)
    assert "SEAL_PKCS11_PIN is not set" in refusal(production | device | certificates)
    assert "SEAL_PKCS11_MODULE is not a usable seal" in refusal(production | device | pin | certificates)


def test_a_provider_needs_client_and_domains(production):
    provider = {
        "OIDC_ISSUER": "https://login.issuer.example/realm",
        "OIDC_CLIENT_ID": "contracts",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_ALLOWED_DOMAINS": "issuer.example, issuer.cn",
        "OIDC_ROLES": "finance-team=Finance,legal team=Legal",
    }
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ALLOWED_DOMAINS"):
        assert f"{name} is not set" in refusal({**production, **provider, name: ""})
    settings = load({**production, **provider})
    assert settings["OIDC_ALLOWED_DOMAINS"] == ["issuer.example", "issuer.cn"]
    assert settings["OIDC_ROLES"] == {"finance-team": "Finance", "legal team": "Legal"}
    form_action = settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]
    assert form_action == ["'self'", "https://login.issuer.example"]


def test_staff_need_a_second_factor_outside_development(production):
    assert load(production)["STAFF_MFA_REQUIRED"] is True
    assert load({**production, "STAFF_MFA_REQUIRED": "false"})["STAFF_MFA_REQUIRED"] is False


def test_a_level_with_timestamps_needs_a_server(production):
    assert "SEAL_LEVEL B-LT needs a timestamp server" in refusal({**production, "SEAL_LEVEL": "B-LT"})
    assert load({**production, "SEAL_LEVEL": "B-LT", "SEAL_TSA_URL": "http://tsa.example.com/"})


def test_development_serves_this_machine_alone(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path)}
    assert refusal({**environment, "ALLOWED_HOSTS": "example.com"}).startswith("ALLOWED_HOSTS ")


def test_a_fresh_checkout_needs_none(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path)}
    assert load(environment)


def test_djangos_own_check_of_a_deployment_finds_nothing(production):
    production["SECRET_KEY"] = "".join(chr(33 + i) for i in range(60))
    command = [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    checked = subprocess.run(command, cwd=ROOT, env=production, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (0 silenced).\n"), (
        checked.stderr
    )
