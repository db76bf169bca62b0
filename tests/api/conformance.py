"""Whether an answer of the API is one that its schema describes."""

import re
from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

from api.root import CODE_OF_STATUS
from api.schema import LIMITS

OF_THE_DESCRIPTION = ("/api/v1/schema/", "/api/v1/docs/")


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


NOT_COUNTED = {400, 401, 406, 503}
"""Statuses of answers that may come before the call is counted: those alone may lack the headers of the limit."""
MAY_LACK = {("Retry-After", 503)} | {(name, status) for name in LIMITS for status in NOT_COUNTED}


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Each path as a pattern: those without parameters first, then the longer ones, as order numbers hold slashes."""
    paths = sorted(schema()["paths"].items(), key=lambda item: ("{" in item[0], -len(item[0])))
    return [(re.compile(re.sub(r"\\{\w+\\}", _parameter(path), re.escape(path))), item) for path, item in paths]


def _parameter(path: str) -> str:
    return ".+" if path.startswith("/api/v1/orders/") else "[^/]+"


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation as the schema describes it; None for an address or method that the API does not have."""
    for pattern, item in _operations():
        if pattern.fullmatch(path):
            return item.get(method.lower())
    return None


def problem(answer: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The problem details of an answer, after checking that they are well formed (RFC 9457)."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert body["detail"]
    return body


def check(method: str, path: str, answer: HttpResponse) -> None:
    """Fails unless status, media type, headers and body are as the schema says; HEAD is as GET without the body."""
    if path in OF_THE_DESCRIPTION:
        return
    operation = operation_of("GET" if method == "HEAD" else method, path)
    if operation is None:
        if method != "OPTIONS" or answer.status_code != 200:
            assert answer.status_code in (401, 404, 405), (method, path, answer.status_code)
            problem(answer, answer.status_code, CODE_OF_STATUS[answer.status_code])
        return
    described = operation["responses"].get(str(answer.status_code))
    assert described, f"{method} {path} answers {answer.status_code}, which the schema does not know"
    _check_headers(f"{method} {path} {answer.status_code}", described.get("headers", {}), answer)
    if "content" not in described:
        assert not answer.content
        return
    if method == "HEAD":
        assert not answer.content
    media_type = answer["Content-Type"].split(";")[0]
    assert media_type in described["content"], (method, path, answer.status_code, media_type)
    if media_type.endswith("json") and method != "HEAD":
        said = {**described["content"][media_type]["schema"], "components": schema()["components"]}
        Draft202012Validator(said, format_checker=FormatChecker()).validate(answer.json())
    if media_type == "application/problem+json" and method != "HEAD":
        said = answer.json()
        assert said["status"] == answer.status_code
        assert said["code"] in described["content"][media_type]["examples"], f"{method} {path}: {said['code']}"


def _check_headers(call: str, described: dict[str, Any], answer: HttpResponse) -> None:
    for name, said in described.items():
        if name not in answer:
            assert (name, answer.status_code) in MAY_LACK, f"{call} lacks {name}"
            continue
        shape = schema()["components"]["headers"][name] if "$ref" in said else said
        value = int(answer[name]) if shape["schema"]["type"] == "integer" else answer[name]
        Draft202012Validator(shape["schema"]).validate(value)
    for name in (*LIMITS, "Retry-After", "ETag"):
        assert name not in answer or name in described, f"{call} has {name}, which the schema does not know"
