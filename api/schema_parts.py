"""Parts of the OpenAPI description that generators of clients need and drf-spectacular does not write."""

from typing import Any

from api.schema_examples import EXAMPLES

MESSAGE_HEADERS = {
    "webhook-id": "Id of the event: the same if the message is sent again.",
    "webhook-timestamp": "Unix time of this attempt, in seconds.",
    "webhook-signature": "Signatures by each valid secret, separated by spaces: `v1,` and Base64 of the HMAC-SHA256.",
}
METHODS = ("get", "put", "post", "patch", "delete")


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
        item["post"]["parameters"] = [_header(*header) for header in MESSAGE_HEADERS.items()]
        schemas[_component_of(_message_of(item))]["properties"]["type"] = {"type": "string", "const": name}
    schemas["Event"] = _union_of_events(result)
    payment = schemas["OrderPaymentRequest"]
    payment["anyOf"] = payment.pop("oneOf")  # the members of the first are optional
    result["paths"]["/api/v1/orders/{number}/pay/"]["post"]["requestBody"]["required"] = True  # it may be {}
    schemas["ApplicationRequest"]["properties"]["order_numbers"]["minItems"] = 1
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


def _header(name: str, description: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": description, "required": True, "schema": {"type": "string"}}


def _add_examples(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get("application/json")
        name = _component_of(content["schema"].get("$ref", "")) if content and status < "300" else ""
        if name in EXAMPLES:
            content["examples"] = {name: {"value": EXAMPLES[name]}}
