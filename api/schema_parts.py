"""Parts of the OpenAPI description that generators of clients need and drf-spectacular does not write."""

from typing import Any

from api.paging import MAX_PAGE_SIZE
from api.schema_examples import EXAMPLES
from api.shown import MAX_ID, MAX_USERNAME_CHARS

SIGNATURE = "v1,[A-Za-z0-9+/]{43}="
MESSAGE_HEADERS = {
    "webhook-id": ("Id of the event: the same if the message is sent again.", "^msg_[0-9a-f]{32}$"),
    "webhook-timestamp": ("Unix time of this attempt, in seconds.", "^[0-9]{10}$"),
    "webhook-signature": (
        "Signatures by each valid secret, separated by spaces: `v1,` and Base64 of the HMAC-SHA256.",
        f"^{SIGNATURE}( {SIGNATURE}){{0,5}}$",
    ),
}
METHODS = ("get", "put", "post", "patch", "delete")
PATH_BOUNDS: dict[str, dict[str, Any]] = {
    "/accounts/{number}": {"maxLength": 32},
    "/contracts/{number}": {"maxLength": 32},
    "/orders/{number}": {"maxLength": 64},
    "/members/{username}": {"maxLength": MAX_USERNAME_CHARS},
    "/verify/{code}": {"maxLength": 64},
    "/batches/{id}": {"minimum": 1, "maximum": MAX_ID},
    "/webhooks/{id}": {"minimum": 1, "maximum": MAX_ID},
    "/deliveries/{delivery_pk}": {"minimum": 1, "maximum": MAX_ID},
}
"""Bounds of the values in paths. No object has a value beyond them, so the response is 404."""


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the union of events, headers of webhooks, security of public calls and examples (a postprocessing hook)."""
    schemas = result["components"]["schemas"]
    operations = [item[method] for item in result["paths"].values() for method in METHODS if method in item]
    for operation in operations:
        if operation.get("security") == [{}]:
            operation["security"] = []  # a call without a token
        _add_examples(operation)
    for name, item in result["webhooks"].items():
        item["post"] |= {"operationId": f"on_{name.replace('.', '_')}", "tags": ["webhooks"], "security": []}
        item["post"]["parameters"] = [_header(name, *more) for name, more in MESSAGE_HEADERS.items()]
        schemas[_component_of(_message_of(item))]["properties"]["type"] = {"type": "string", "const": name}
    for path, item in result["paths"].items():
        _bound_path(path, item)
    schemas["Event"] = _union_of_events(result)
    schemas["FeedEvent"] = _union_of_feed_events(result)
    payment = schemas["OrderPaymentRequest"]
    payment["anyOf"] = payment.pop("oneOf")  # the members of the first are optional
    result["paths"]["/api/v1/orders/{number}/pay/"]["post"]["requestBody"]["required"] = True  # it may be {}
    schemas["ApplicationRequest"]["properties"]["order_numbers"]["minItems"] = 1
    tickets = result["paths"]["/api/v1/contracts/{number}/void-tickets/"]["get"]["responses"]["200"]
    tickets["content"]["application/json"]["schema"]["maxItems"] = MAX_PAGE_SIZE
    _replace_null_enum(schemas)
    _drop_unused_examples(result, operations)
    return result


def _drop_unused_examples(result: dict[str, Any], operations: list[dict[str, Any]]) -> None:
    """Drop the examples of codes that no operation declares: each has its own answer to a wrong method, or fails."""
    responses = [response for operation in operations for response in operation["responses"].values()]
    contents = [content for response in responses for content in response.get("content", {}).values()]
    used = {name for content in contents for name in content.get("examples", {})}
    examples = result["components"]["examples"]
    result["components"]["examples"] = {name: shown for name, shown in examples.items() if name in used}


def _replace_null_enum(node: Any) -> None:
    """Write null as a type: drf-spectacular refers to an enum component of its own."""
    if isinstance(node, dict):
        node.pop("NullEnum", None)
        if node.get("$ref") == "#/components/schemas/NullEnum":
            node.pop("$ref")
            node["type"] = "null"
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _replace_null_enum(inner)


def _message_of(item: dict[str, Any]) -> str:
    """Return the reference to the message of a webhook."""
    reference: str = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return reference


def _component_of(reference: str) -> str:
    return reference.rpartition("/")[2]


def _union_of_events(result: dict[str, Any]) -> dict[str, Any]:
    messages = {name: _message_of(item) for name, item in result["webhooks"].items()}
    return {
        "description": "A message to an endpoint. `events/` returns the same with an `id`. New types may be added.",
        "oneOf": [{"$ref": ref} for ref in messages.values()],
        "discriminator": {"propertyName": "type", "mapping": messages},
    }


def _union_of_feed_events(result: dict[str, Any]) -> dict[str, Any]:
    """Add a component for each type of event in the feed, so that `type` tells what `data` has, and return the union.

    The component FeedEvent has the members that all have in common.
    """
    schemas = result["components"]["schemas"]
    common, mapping = schemas["FeedEvent"], {}
    for name, item in result["webhooks"].items():
        if name not in schemas["EventType"]["enum"]:
            continue  # tests are not in the feed
        message = _component_of(_message_of(item))
        feed_event = message.removesuffix("Event") + "FeedEvent"
        schemas[feed_event] = common | {"properties": common["properties"] | schemas[message]["properties"]}
        mapping[name] = f"#/components/schemas/{feed_event}"
    return {
        "description": common["description"],
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def _bound_path(path: str, item: dict[str, Any]) -> None:
    for method in METHODS:
        for parameter in item.get(method, {}).get("parameters", ()):
            if parameter["in"] == "path" and parameter["schema"].get("format") != "uuid":
                [bounds] = [
                    bounds
                    for part, bounds in PATH_BOUNDS.items()
                    if part in path and f"{{{parameter['name']}}}" in part
                ]
                parameter["schema"] |= bounds


def _header(name: str, description: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "description": description, "required": True, "schema": schema}


def _add_examples(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        if not content or status >= "300":
            continue
        schema = content["schema"]
        name = _component_of(schema.get("items", schema).get("$ref", ""))
        if name in EXAMPLES:
            content["examples"] = {name: {"value": [EXAMPLES[name]] if "items" in schema else EXAMPLES[name]}}
