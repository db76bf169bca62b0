"""Storages by their URL."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def storage(url: str, name: str = "STORAGE_URL") -> dict[str, Any]:
    """Return an entry of STORAGES: `file:///folder` or `s3://bucket/prefix?endpoint_url=…&region_name=…`.

    `name` is the variable that holds the URL. Raises ImproperlyConfigured.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if parts.scheme == "s3" and parts.netloc:
        options |= {"bucket_name": parts.netloc, "location": parts.path.strip("/"), "querystring_auth": True}
        return {"BACKEND": "common.object_store.ObjectStore", "OPTIONS": {**options, "file_overwrite": True}}
    if parts.scheme == "file":
        return {
            "BACKEND": "common.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": unquote(parts.path), "allow_overwrite": True},
        }
    raise ImproperlyConfigured(f"{name} must be file:///folder or s3://bucket/prefix.")
