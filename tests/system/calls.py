"""Calls of the system's pages and API as somebody outside makes them."""

import http.client
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Unanswered(Exception):
    """Nobody was there, or whoever took the call has gone before it answered."""


@dataclass(frozen=True)
class Caller:
    port: int
    token: str = ""
    session: str = ""
    """The key of a session of somebody who is signed in, for pages."""
    by_https: bool = False
    """Whether a reverse proxy says that the call came to it by https."""

    def get(self, path: str) -> Answer:
        return self._call("GET", path)

    def post(self, path: str, body: object = None, *, key: str = "") -> Answer:
        return self._call("POST", path, body, key=key)

    def _call(self, method: str, path: str, body: object = None, *, key: str = "") -> Answer:
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Token {self.token}"} if self.token else {}
        headers |= {"Cookie": f"sessionid={self.session}"} if self.session else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"X-Forwarded-Proto": "https"} if self.by_https else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, json.dumps(body or {}), headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered from error
        finally:
            connection.close()
