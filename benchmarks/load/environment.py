"""What docs/settings.md asks for with DEBUG off."""

from pathlib import Path


def of(folder: Path) -> dict[str, str]:
    """The environment of all processes: files and a test seal in `folder`, behind a proxy that speaks https."""
    return {
        "DEBUG": "false",
        "SECRET_KEY": "of-the-load-test-alone-and-of-no-system-that-people-use",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://127.0.0.1",
        "DATA_DIR": str(folder),
        "STORAGE_URL": (folder / "files").as_uri(),
        "SEAL_P12": str(folder / "seal/seal.p12"),
        "SEAL_ALLOW_TEST": "true",
        "EMAIL_URL": "smtp://127.0.0.1:1",  # nobody is there
        "DEFAULT_FROM_EMAIL": "contracts@example.com",
        "NUM_PROXIES": "1",
        "API_RATE": "1000000",  # calls are counted, and none is refused
        "PYTHONUNBUFFERED": "1",
    }
