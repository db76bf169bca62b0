"""Settings of backups (docs/backup.md)."""

from django.core.exceptions import ImproperlyConfigured

from config import environment as env

BACKUP_URL = env.text("BACKUP_URL")
if BACKUP_URL:
    env.storage(BACKUP_URL, "BACKUP_URL")
if BACKUP_URL and env.text("STORAGE_URL") == BACKUP_URL:
    raise ImproperlyConfigured("BACKUP_URL must be another place than STORAGE_URL.")
BACKUP_EVERY_HOURS = env.number("BACKUP_EVERY_HOURS", "hours between backups, such as 24", default=0, digits=3)
if BACKUP_EVERY_HOURS and not BACKUP_URL:
    raise ImproperlyConfigured("BACKUP_URL is not set, and BACKUP_EVERY_HOURS needs it; see docs/backup.md.")
BACKUP_KEEP = env.number("BACKUP_KEEP", "how many backups are kept, or 0 for all", default=0, digits=4)
BACKUP_RECIPIENTS = env.words(
    "BACKUP_RECIPIENTS", r"age1[02-9ac-hj-np-z]{58}", "public keys of age (age1…), as age-keygen prints them"
)
