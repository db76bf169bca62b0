"""The OpenAPI 3.1 description: parts common to all operations, and the problems of each."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.drainage import get_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema_serializer, inline_serializer
from rest_framework import serializers

from api.negotiation import JSONNegotiation
from api.paging import DEFAULT_PAGE_SIZE, MAX_CURSOR_CHARS, MAX_PAGE_SIZE
from api.problems import MAX_TEXT_CHARS, MEDIA_TYPE, problem
from api.shown import ShownList, ShownNumber, ShownText
from common.errors import MAX_FAULTS, STATUS_OF_CODE

Method = TypeVar("Method", bound=Callable[..., Any])
CODES = sorted(STATUS_OF_CODE)
WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")
LIMITS = ("RateLimit-Policy", "RateLimit")
MAX_RESPONSE_HEADER_CHARS = 100
HEADERS = {
    "RateLimit-Policy": {
        "description": "The limit that this call counts towards: its name, requests (`q`) and seconds (`w`)."
        " Absent, like RateLimit, if there is no limit.",
        "schema": {"type": "string", "pattern": '^"[a-z-]+";q=[0-9]+;w=[0-9]+$'},
        "example": '"token";q=1200;w=60',
    },
    "RateLimit": {
        "description": "Requests that remain (`r`) until the limit starts again in `t` seconds.",
        "schema": {"type": "string", "pattern": '^"[a-z-]+";r=[0-9]+;t=[0-9]+$'},
        "example": '"token";r=1199;t=60',
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1, "maximum": 86400}},
}


def refuses(*codes: str) -> Callable[[Method], Method]:
    """Declare the problem codes of a view's method, besides those common to all."""

    def mark(method: Method) -> Method:
        method.refusals = codes  # type: ignore[attr-defined]
        return method

    return mark


@extend_schema_serializer(component_name="ProblemError")
class ErrorSerializer(serializers.Serializer):
    pointer = ShownText(
        2 * MAX_TEXT_CHARS, help_text="JSON pointer (RFC 6901) to the member of the body; may be empty."
    )
    code = serializers.ChoiceField(choices=CODES)
    detail = ShownText(MAX_TEXT_CHARS + 1)
    contract = ShownText(32, required=False, help_text="With `order_in_live_contract`: which contract.")


def errors_field(**more: Any) -> ShownList:
    return ShownList(ErrorSerializer(), MAX_FAULTS, **more)


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457). `code` is stable; `detail` is a sentence in the caller's language."""

    type = ShownText(64)
    title = ShownText(64)
    status = serializers.IntegerField(min_value=400, max_value=599, help_text="The HTTP status.")
    code = serializers.ChoiceField(choices=CODES)
    detail = ShownText(MAX_TEXT_CHARS + 1)
    request_id = ShownText(64, help_text="As in the header `X-Request-Id`. Quote it when you contact us.")
    errors = errors_field(help_text="One entry for each invalid field or order.")  # type: ignore[assignment]
    errors_omitted = ShownNumber(1, required=False, help_text="Number of errors beyond the first 200.")


class Described(AutoSchema):
    """Adds headers and problems, grouped by status with their codes, to each operation."""

    def get_description(self) -> str:  # type: ignore[override]
        """Return the method's description, by default its summary. Docstrings of views are for readers of the code."""
        return getattr(getattr(self.view, self.method.lower(), None), "__doc__", None) or f"{self.get_summary()}."

    def get_override_parameters(self) -> list[Any]:
        given = [header("Accept-Language", "Language of texts in the response: `en` or `zh-hans`.")]
        if self._mark("keyed"):
            given.append(header("Idempotency-Key", "A request repeated with the same key runs only once.", most=255))
        if self._mark("conditional"):
            given.append(header("If-Match", "Run only if the object still has this ETag."))
        if self.method == "PUT":
            given.append(header("If-None-Match", "`*`: create only, never update."))
        if getattr(self.view, "tagged", False):
            if self.method == "GET":
                given.append(header("If-None-Match", "Return 304 if the object still has this ETag."))
            given.append(header("ETag", "Identifies the returned state.", response=[200, 201, 304]))
        if self.method == "GET" and getattr(self.view, "is_file", False):
            given += FILE_HEADERS
        if self.method == "GET" and getattr(self.view, "links", False):
            given.append(
                header("Link", "URLs of the `first`, `next` and `prev` page (RFC 8288).", response=[200], most=40_000)
            )
        parameters = getattr(self.view, "query_parameters", ()) if self.method == "GET" else ()
        return [*super().get_override_parameters(), *parameters, *given]

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Return the parameters. Empty query parameters count as missing."""
        parameters = super()._get_parameters()
        return [given | {"allowEmptyValue": True} if given["in"] == "query" else given for given in parameters]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if self.path == "/":  # receivers of webhooks choose their own answers
            return bodies
        if getattr(self.view, "tagged", False) and self.method == "GET":
            headers = self._get_response_headers_for_code("304", direction)
            bodies["304"] = {"description": "The object still has the ETag in If-None-Match.", "headers": headers}
        if getattr(self.view, "is_file", False):
            bodies["206"] = bodies["200"] | {
                "description": "The requested range.",
                "headers": self._get_response_headers_for_code("206", direction),
            }
            headers = self._get_response_headers_for_code("304", direction)
            bodies["304"] = {"description": "The file still has the ETag in If-None-Match.", "headers": headers}
        by_status = defaultdict(list)
        for code in self._codes():
            by_status[STATUS_OF_CODE[code]].append(code)
        bodies |= {str(status): self._problem(status, codes) for status, codes in sorted(by_status.items())}
        for body in bodies.values():
            body["headers"] = body.get("headers", {}) | {name: _shared("headers", name) for name in LIMITS}
        return bodies

    def _codes(self) -> list[str]:
        """Return every problem code of the operation."""
        codes = ["invalid", "throttled", "database_unavailable", *(self._mark("refusals") or ())]
        if self.view.content_negotiation_class is JSONNegotiation:
            codes.append("not_acceptable")
        if self.view.get_authenticators():
            codes += ["not_authenticated", "permission_denied"]
        if "{" in self.path:
            codes.append("not_found")
        if self.method in WITH_BODY:
            codes += ["too_large", "unsupported_media_type"]
        if self._mark("keyed"):
            codes.append("idempotency_conflict")
        if self._mark("conditional"):
            codes.append("precondition_failed")
        return sorted(set(codes))

    def _mark(self, name: str) -> Any:
        return getattr(getattr(self.view, self.method.lower(), None), name, None)

    def _problem(self, status: int, codes: list[str]) -> dict[str, Any]:
        problem = self.resolve_serializer(ProblemSerializer, "response")
        answer: dict[str, Any] = {
            "description": f"A problem: {', '.join(codes)}",
            "content": {
                MEDIA_TYPE: {
                    "schema": problem.ref,
                    "examples": {code: _shared("examples", code) for code in codes},
                }
            },
        }
        if status in (429, 503):
            answer["headers"] = {"Retry-After": _shared("headers", "Retry-After")}
        return answer


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.ApiTokenAuthentication"
    name = ["token", "bearer"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        created = "Members create tokens on the account page."
        return [
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": f"`Token`, a space and the token. {created}",
            },
            {"type": "http", "scheme": "bearer", "description": f"The token as a bearer token. {created}"},
        ]


class StrictSerializerExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "api.parsing.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # type: ignore[no-untyped-call]
        return schema | {"additionalProperties": False}


def _shared(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def header(
    name: str, description: str, *, response: list[int] | bool = False, most: int | None = None
) -> OpenApiParameter:
    """Return a request header, or a response header of these statuses."""
    most = most or (MAX_RESPONSE_HEADER_CHARS if response else None)
    kind = {"type": "string"} | ({"maxLength": most} if most else {})
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=response)


def repeated(name: str, values: Sequence[str] | int, most: int, description: str) -> OpenApiParameter:
    """Return a query parameter that may be repeated up to `most` times. `values`: known ones, or their length."""
    items = {"maxLength": values} if isinstance(values, int) else {"enum": list(values)}
    return query(name, {"type": "array", "items": {"type": "string", **items}, "maxItems": most}, description)


def query(name: str, kind: Any, description: str, **more: Any) -> OpenApiParameter:
    """Return an optional query parameter. `kind`: a type, a schema, or the maximum length of a text."""
    if isinstance(kind, int):
        kind = {"type": "string", "maxLength": kind}
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **more)


FILE_HEADERS = [
    header("Range", "`bytes=FIRST-LAST`: return this range with status 206."),
    header("If-Range", "With Range: return the whole file if it has another ETag."),
    header("If-Match", "Return the file only if it has this ETag."),
    header("If-None-Match", "Return 304 if the file still has this ETag."),
    header("ETag", "SHA-256 of the file.", response=[200, 206, 304]),
    header("Accept-Ranges", "`bytes`.", response=[200, 206]),
    header("Content-Range", "The returned range and the length of the file.", response=[206]),
]
PAGE_SIZE = query(
    "page_size",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
    "Rows per page.",
)
PAGING = (query("cursor", MAX_CURSOR_CHARS, "Cursor from the URL in `next` or `previous`."), PAGE_SIZE)


def page_of(row: type[serializers.Serializer]) -> serializers.Serializer:
    """Return the serializer of a page of a list."""
    component = get_override(row, "component_name") or row.__name__.removesuffix("Serializer")
    return inline_serializer(
        name=f"{component}Page",
        fields={
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": ShownList(row(), MAX_PAGE_SIZE),
        },
    )


def add_shared(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add shared headers and an example of each problem to the components (a postprocessing hook)."""
    said = "A sentence that says what is wrong and what to do."
    result["components"]["headers"] = HEADERS
    result["components"]["examples"] = {
        code: {"value": problem(STATUS_OF_CODE[code], code, said) | {"request_id": "8f14e45fceea467a9b2d0c1e5a7f3b60"}}
        for code in CODES
    }
    return result
