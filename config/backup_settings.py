"""Settings of backups (docs/backup.md)."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import environment as env


def backup_settings() -> dict[str, Any]:
    """Return the settings by name."""
    url = env.text("BACKUP_URL")
    every = env.number("BACKUP_EVERY_HOURS", "hours between backups, such as 24", default=0, digits=3)
    if url:
        env.storage(url, "BACKUP_URL")
    if url and url == env.text("STORAGE_URL"):
        raise ImproperlyConfigured("BACKUP_URL must be another place than STORAGE_URL.")
    if every and not url:
        raise ImproperlyConfigured("BACKUP_URL is not set, and BACKUP_EVERY_HOURS needs it; see docs/backup.md.")
    return {
        "BACKUP_URL": url,
        "BACKUP_EVERY_HOURS": every,
        "BACKUP_KEEP": env.number("BACKUP_KEEP", "how many backups are kept, or 0 for all", default=0, digits=4),
        "BACKUP_RECIPIENTS": env.words(
            "BACKUP_RECIPIENTS", r"age1[02-9ac-hj-np-z]{58}", "public keys of age (age1…), as age-keygen prints them"
        ),
    }
