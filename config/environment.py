"""Read the environment for config/settings.py. Unusable values stop the start with a sentence naming the variable."""

import ipaddress
import os
import re
import stat
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from common.storage_urls import storage

__all__ = ["storage"]
"""Imported for the settings; commands use it too."""

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # or racing writers would fail at their first write
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
POSTGRESQL_OPTIONS = {
    # A parallel worker takes 20 ms to start, and the statements of pages take two: none for less than a long search.
    # The default cost of a random page is that of a turning disk: searches would read the newest rows instead.
    "options": "-c parallel_setup_cost=10000 -c random_page_cost=1.1",
    "connect_timeout": 5,  # seconds
    "tcp_user_timeout": 30_000,  # milliseconds without an acknowledgement: the host is gone
}
DATABASES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}


def text(name: str, *, default: str = "") -> str:
    """Return a variable unchanged; empty counts as unset. (Env itself expands `$word` to another variable.)"""
    return os.environ.get(name) or default


def required(name: str, *, development: str | None) -> str:
    """Return a variable that must be set, unless there is a value for `development`."""
    value = text(name) or development
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. With DEBUG off it must be; see docs/settings.md.")
    return value


def matching(name: str, pattern: str, must_be: str, *, default: str = "") -> str:
    """Return a variable that must match the whole pattern, if it is set."""
    value = text(name)
    if value and not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} must be {must_be}.")
    return value or default


def switch(name: str, *, default: bool) -> bool:
    given = matching(name, "(?i)true|yes|on|1|false|no|off|0", "true or false", default=str(default))
    return given.lower() in {"true", "yes", "on", "1"}


def number(name: str, must_be: str, *, default: int, digits: int) -> int:
    """Return a non-negative integer of at most `digits` digits."""
    return int(matching(name, rf"\s*[0-9]{{1,{digits}}}\s*", f"a whole number: {must_be}", default=str(default)))


def words(name: str, pattern: str, must_be: str) -> list[str]:
    """Return values separated by commas, each of which must match the whole pattern."""
    found = [word.strip() for word in text(name).split(",") if word.strip()]
    if not all(re.fullmatch(pattern, word) for word in found):
        raise ImproperlyConfigured(f"{name} must be {must_be}, separated by commas.")
    return found


def networks(name: str) -> list[str]:
    """Return IP addresses and networks, separated by commas, as networks in their usual notation."""
    try:
        return [str(ipaddress.ip_network(word)) for word in words(name, r"[0-9a-fA-F.:/]+", "IP addresses or networks")]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be IP addresses or networks such as 203.0.113.0/28, separated by commas: {error}"
        ) from None


def origins(url: str) -> list[str]:
    """Return the origin of the URL in a list; an empty list for an empty URL."""
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if url else []


def is_there(name: str, path: str, *, folder: bool = False) -> bool:
    """Return True if there is such a file, or folder if allowed. Stop the start if this user may not look."""
    try:
        return Path(path).exists() if folder else Path(path).is_file()
    except PermissionError:
        raise ImproperlyConfigured(f"{name} names {path}, and this process's user may not look there.") from None


def existing(name: str, *, folder: bool = True) -> str:
    """Return an existing file, or folder if allowed; empty if unset."""
    path = text(name)
    if path and not is_there(name, path, folder=folder):
        raise ImproperlyConfigured(f"{name} names {path}, and there is no such file{' or folder' if folder else ''}.")
    return path


def time_zone(name: str, *, default: str) -> str:
    zone = text(name, default=default)
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError):
        raise ImproperlyConfigured(f"{name} must be a time zone's name, such as Europe/Berlin.") from None
    return zone


def database(name: str, *, sqlite: Path) -> dict[str, Any]:
    """Return an entry of DATABASES, by default the file `sqlite`. Errors never repeat the URL with its password."""
    try:
        with warnings.catch_warnings(action="error"):  # its warning of an unknown scheme holds the password
            entry: dict[str, Any] = Env.db_url_config(text(name, default=f"sqlite:///{sqlite}"))
    except (ImproperlyConfigured, ValueError, UserWarning):
        entry = {}
    if entry.get("ENGINE") not in DATABASES:
        raise ImproperlyConfigured(f"{name} must be postgres://user:password@host:5432/name, or sqlite:///file.")
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        entry["OPTIONS"] = SQLITE_OPTIONS
        entry["CONN_MAX_AGE"] = 60
        entry["TEST"] = {"NAME": str(sqlite.with_name(f"test-{os.getpid()}.sqlite3"))}  # for runs side by side
        return entry
    # PgBouncer in transaction mode hands each statement to another connection, which loses cursors.
    without_cursors = switch("DISABLE_SERVER_SIDE_CURSORS", default=False)
    entry |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": without_cursors}
    entry["OPTIONS"] = POSTGRESQL_OPTIONS | entry.get("OPTIONS", {})
    return entry


def databases(*, sqlite: Path, private: bool) -> dict[str, dict[str, Any]]:
    """Return DATABASES. `private`: stop if other users of this machine may open the SQLite file."""
    own = database("DATABASE_URL", sqlite=sqlite)
    if private:
        require_private_database(own)
    if not text("DATABASE_REPLICA_URL"):
        return {"default": own}
    replica = database("DATABASE_REPLICA_URL", sqlite=sqlite)
    if "django.db.backends.sqlite3" in {own["ENGINE"], replica["ENGINE"]}:
        raise ImproperlyConfigured("DATABASE_REPLICA_URL needs PostgreSQL, there and in DATABASE_URL.")
    replica["OPTIONS"] = replica["OPTIONS"] | {"connect_timeout": 2}  # seconds: pages need not wait for it
    return {"default": own, "replica": replica}


def require_private(name: str, path: str) -> None:
    """Stop the start if users other than the file's owner and group may open it."""
    if Path(path).stat().st_mode & stat.S_IRWXO:
        raise ImproperlyConfigured(f"{name} names {path}, which every user of this machine may open: chmod o= {path}")


def require_private_database(database: dict[str, Any]) -> None:
    """Do the same for a SQLite file. A missing one is created with access for its owner alone."""
    path = Path(database["NAME"])
    if database["ENGINE"] != "django.db.backends.sqlite3" or not path.parent.is_dir():
        return
    path.touch(mode=0o600)
    require_private("DATABASE_URL", str(path))


def email(name: str, *, default: str) -> dict[str, Any]:
    """Return Django's EMAIL settings by name. Errors do not repeat the URL, which may hold a password."""
    try:
        found: dict[str, Any] = Env.email_url_config(text(name, default=default))
    except (ImproperlyConfigured, ValueError):
        raise ImproperlyConfigured(f"{name} must be an address such as smtp+tls://user:password@host:587.") from None
    return found


def anchor(urls: str, name: str, *, besides: str) -> tuple[dict[str, Any], str]:
    """Return an entry of STORAGES and an email address, each empty if `urls` does not name one.

    `urls` are separated by spaces. The storage must be another one than `besides`.
    """
    addresses = [url for url in urls.split() if url.startswith("mailto:")]
    places = [url for url in urls.split() if url not in addresses]
    address = addresses[0].removeprefix("mailto:") if addresses else ""
    sound = not address or re.fullmatch(r"[^@\s?]+@[^@\s?]+", address)
    if len(addresses) > 1 or len(places) > 1 or not sound or places == [besides]:
        raise ImproperlyConfigured(
            f"{name} must be a storage other than STORAGE_URL, or mailto:auditor@example.com, or both with a space"
            " between them."
        )
    return storage(places[0], name) if places else {}, address
