"""Calls the API with the standard library. The environment has CENTRE (its address) and TOKEN."""

import json
import os
import time
import urllib.error
import urllib.request

CENTRE = os.environ["CENTRE"].rstrip("/")
HEADERS = {"Authorization": f"Bearer {os.environ['TOKEN']}"} if os.environ.get("TOKEN") else {}


class Refusal(Exception):
    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']} {problem['errors']}")
        self.code, self.errors = problem["code"], problem["errors"]


def fetch(method, path, body=None, **headers):
    """Return the body of the response. Raises Refusal. Repeats a few times if the centre is busy."""
    url = path if path.startswith("http") else f"{CENTRE}/api/v1/{path}"
    request = urllib.request.Request(url, body, HEADERS | headers, method=method)
    for attempts_left in (2, 1, 0):
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if not (attempts_left and error.headers["Retry-After"]):
                raise Refusal(json.load(error)) from error
            time.sleep(int(error.headers["Retry-After"]))
    raise AssertionError


def call(method, path, body=None, *, key=None):
    """Send and return JSON. Send `key` with every POST: the same again if the answer was lost, a new one otherwise."""
    sent = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    return json.loads(fetch(method, path, sent, **headers))
