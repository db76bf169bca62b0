"""The description says the bounds of every value, and has an example of each answer of success."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conformance import schema

BOUNDED_FORMATS = {"date", "date-time", "uuid", "uri", "binary"}
"""A URL is one of this centre's own; the size of files is in the guide."""
IGNORED = {"contract", "eligible", "reason", "unpaid_amount", "updated_at"}
EXCEPTIONS = {
    **{f"OrderInputRequest/{name}": "ignored, whatever it is" for name in IGNORED},
    "get_contract_data 200 application/json": "docs/contract.schema.json describes it",
    "get_contract_data 206 application/json": "part of the same",
}
"""Place → why it has no bound. Headers of requests are bounded by the web server."""


def loose(shape: dict[str, Any], place: str) -> Iterator[str]:
    """Yield the place of each value in the shape that has no bound."""
    if "$ref" in shape:
        return
    parts = [part for kind in ("oneOf", "anyOf", "allOf") for part in shape.get(kind, ())]
    for i, part in enumerate(parts):
        yield from loose(part, f"{place}|{i}")
    if "enum" in shape or "const" in shape or parts:
        return
    types = shape["type"] if isinstance(shape.get("type"), list) else [shape.get("type")]
    for kind in types:
        yield from {"string": _loose_text, "integer": _loose_number, "number": _loose_number}.get(kind, _no)(
            shape, place
        )
        yield from {"array": _loose_list, "object": _loose_object, None: _untyped}.get(kind, _no)(shape, place)


def _no(_shape: dict[str, Any], _place: str) -> Iterator[str]:
    yield from ()


def _untyped(_shape: dict[str, Any], place: str) -> Iterator[str]:
    yield place


def _loose_text(shape: dict[str, Any], place: str) -> Iterator[str]:
    if not ({"pattern", "maxLength"} & set(shape) or shape.get("format") in BOUNDED_FORMATS):
        yield place


def _loose_number(shape: dict[str, Any], place: str) -> Iterator[str]:
    if not {"minimum", "maximum"} <= set(shape):
        yield place


def _loose_list(shape: dict[str, Any], place: str) -> Iterator[str]:
    if "maxItems" not in shape:
        yield place
    yield from loose(shape["items"], f"{place}/*")


def _loose_object(shape: dict[str, Any], place: str) -> Iterator[str]:
    for name, inner in shape.get("properties", {}).items():
        yield from loose(inner, f"{place}/{name}")
    others = shape.get("additionalProperties", "properties" not in shape)
    if others is True or others == {} or (others and not {"maxProperties", "propertyNames"} <= set(shape)):
        yield place
    elif others:
        yield from loose(others, f"{place}/*")


def shapes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every shape of the description, with its place."""
    described = schema()
    yield from described["components"]["schemas"].items()
    for item in described["paths"].values():
        for operation in item.values():
            yield from _shapes_of(operation)
    for name, item in described["webhooks"].items():
        yield from ((f"{name}: {given['name']}", given["schema"]) for given in item["post"]["parameters"])


def _shapes_of(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = operation["operationId"]
    for given in operation.get("parameters", ()):
        if given["in"] != "header":
            yield f"{name}?{given['name']}", given["schema"]
    bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
    for kind, body in bodies.items():
        for media_type, content in body.get("content", {}).items():
            yield f"{name} {kind} {media_type}", content["schema"]
        for header, described in body.get("headers", {}).items():
            if "schema" in described:
                yield f"{name} {kind} {header}", described["schema"]


def test_every_value_has_its_bounds():
    found = {place for name, shape in shapes() for place in loose(shape, name)}
    assert found == set(EXCEPTIONS)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "string"},
        {"type": ["string", "null"]},
        {"type": "integer", "minimum": 0},
        {"type": "array", "items": {"type": "string", "maxLength": 3}},
        {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        {"type": "object"},
        {"type": "object", "additionalProperties": {}},
        {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}},
        {"type": "object", "properties": {"a": {}}},
        {"oneOf": [{"type": "null"}, {"type": "string"}]},
    ],
)
def test_one_that_has_none_is_found(shape):
    assert list(loose(shape, "here"))


def test_each_answer_of_success_has_an_example():
    without = {
        f"{operation['operationId']} {status}"
        for item in schema()["paths"].values()
        for operation in item.values()
        for status, answer in operation["responses"].items()
        if status < "300" and "examples" not in answer.get("content", {}).get("application/json", {"examples": ""})
    }
    assert without == {"get_contract_data 200", "get_contract_data 206"}


def test_events_of_the_feed_have_the_data_of_their_type():
    components = schema()["components"]["schemas"]
    feed, messages = (
        components["FeedEvent"]["discriminator"]["mapping"],
        components["Event"]["discriminator"]["mapping"],
    )
    assert set(feed) == set(components["EventType"]["enum"]) == set(messages) - {"endpoint.test"}
    for name, reference in feed.items():
        in_feed, sent = (components[ref.rpartition("/")[2]]["properties"] for ref in (reference, messages[name]))
        assert (in_feed["type"], in_feed["data"]) == (sent["type"], sent["data"])
        assert set(in_feed) == {*sent, "id", "webhook_id"}
