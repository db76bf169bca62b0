"""Files in an object store that speaks S3: one request for each read, and no thread waits for long."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from common.outside_servers import Server

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds; a store that is silent costs twelve, once."""


class ObjectStore(S3Storage):
    """Raises LeftAlone at once while the store hangs (common/outside_servers.py). Files are read whole, into memory."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config: Config = self.client_config.merge(CONFIG)
        self._server = Server("the object store")

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Raises FileNotFoundError, and OSError or botocore's errors where the store fails."""
        if mode != "rb":
            raise ValueError("Files are opened to be read, as bytes.")
        key = self._normalize_name(name)
        with self._server.call(), _missing_as_file_not_found(name):
            answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=key)
            return File(BytesIO(answer["Body"].read()), name=name)

    def _save(self, name: str, content: "File[Any]") -> str:
        with self._server.call():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with self._server.call():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with self._server.call():
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with self._server.call():
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
