"""Storage backend for S3-compatible object stores: one request per read, short timeouts."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from common.circuit_breaker import CircuitBreaker

CLIENT_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""Timeouts in seconds. A store that does not respond blocks a call for at most twelve seconds."""


class ObjectStore(S3Storage):
    """S3 storage behind a circuit breaker. Files are read into memory as a whole, except by `open_stream`.

    Every method raises CircuitOpen while the store hangs (common/circuit_breaker.py).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config: Config = self.client_config.merge(CLIENT_CONFIG)
        self._breaker = CircuitBreaker("the object store")

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Raise FileNotFoundError for a missing file, OSError or botocore's errors if the store fails."""
        if mode != "rb":
            raise ValueError("Files can only be opened for reading in binary mode.")
        key = self._normalize_name(name)
        with self._breaker.call(), _missing_as_file_not_found(name):
            answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=key)
            return File(BytesIO(answer["Body"].read()), name=name)

    def open_stream(self, name: str) -> "File[bytes]":
        """Open a file for reading once, from its beginning, without keeping it in memory. Raises like `_open`."""
        key = self._normalize_name(name)
        with self._breaker.call(), _missing_as_file_not_found(name):
            answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=key)
        return File(answer["Body"], name=name)

    def _save(self, name: str, content: "File[Any]") -> str:
        with self._breaker.call():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with self._breaker.call():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with self._breaker.call():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with self._breaker.call():
            folders, files = super().listdir(path)
            return folders, files


@contextmanager
def _missing_as_file_not_found(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise FileNotFoundError(name) from error
        raise
