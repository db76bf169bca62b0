"""Reports of errors to Sentry, if SENTRY_DSN is set.

An event is built anew from facts that hold no personal data: classes and places of exceptions without their messages
and variables, templates of log messages without their values, the route without its URL. There is no request body, no
header, no user, no breadcrumb.
"""

from typing import TYPE_CHECKING, Any, cast

from config import environment as env

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

EVENT_KEYS = ("event_id", "timestamp", "level", "platform", "logger", "transaction", "release", "environment", "sdk")
"""Keys of an event that are sent unchanged. `transaction` is the route or the task."""
FRAME_KEYS = ("filename", "function", "module", "lineno", "in_app")


def start() -> None:
    """Report errors of this process, if that is switched on. Raises ImproperlyConfigured for an unusable setting."""
    if dsn := env.matching("SENTRY_DSN", r"https?://[^@\s]+@[^/\s]+/.+", "an address that Sentry gives to a project"):
        report_to(dsn)


def report_to(dsn: str, *, transport: "type[Transport] | None" = None) -> None:
    import sentry_sdk  # noqa: PLC0415 - if switched on
    from sentry_sdk.integrations.celery import CeleryIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.logging import ignore_logger  # noqa: PLC0415

    for name in ("config.requests", "config.tasks"):  # their errors are reported where they are raised
        ignore_logger(name)
    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        environment=env.text("SENTRY_ENVIRONMENT", default="production"),
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(transaction_style="url", middleware_spans=False), CeleryIntegration()],
        data_collection={
            "user_info": False,
            "cookies": {"mode": "off"},
            "http_headers": {"request": {"mode": "off"}},
            "http_bodies": [],
            "url_query_params": {"mode": "off"},
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
            "frame_context_lines": 0,
        },
        max_breadcrumbs=0,
        auto_session_tracking=False,
        traces_sample_rate=None,
        before_send=without_personal_data,
    )


def without_personal_data(event: "Event", hint: "Hint") -> "Event":
    given = cast(dict[str, Any], event)
    sent = {key: given[key] for key in EVENT_KEYS if key in given}
    if exceptions := given.get("exception", {}).get("values"):
        sent["exception"] = {"values": [_exception(one) for one in exceptions]}
    if record := hint.get("log_record"):
        # The template without its values. structlog's lines are dictionaries.
        message = record.msg.get("event") if isinstance(record.msg, dict) else record.msg
        sent["logentry"] = {"message": str(message)}
    return cast("Event", sent)


def _exception(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or []
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "mechanism": {key: value for key, value in (one.get("mechanism") or {}).items() if key in {"type", "handled"}},
        "stacktrace": {"frames": [{key: frame.get(key) for key in FRAME_KEYS} for frame in frames]},
    }
