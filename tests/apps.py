"""The project's own packages, from the lowest to the highest."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
APPS = (
    *("common", "jobs", "emails", "accounts", "exports", "webhooks", "billing"),
    *("orders", "contracts", "api", "config"),
)
