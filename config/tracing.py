"""Traces by OpenTelemetry, if OTEL_EXPORTER_OTLP_ENDPOINT names a collector: request → service → SQL, seal → task.

No span holds personal data: only the attributes of ATTRIBUTES leave the process, and no message of an exception.
"""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.backends.signals import connection_created

from common.tracing import set_tracer, span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
    from opentelemetry.sdk.trace.export import SpanExporter

SERVICE_NAME = "electronic-contract-centre"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
ATTRIBUTES = {
    *("http.method", "http.request.method", "http.route", "http.status_code", "http.response.status_code"),
    *("db.system", "db.statement", "error.type"),
    *("celery.action", "celery.state", "messaging.destination", "messaging.message.id"),
}
"""Attributes that are exported. Others, such as URLs and addresses, may hold personal data."""
MAX_STATEMENT_CHARS = 2000


def is_switched_on() -> bool:
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not disabled and any(os.environ.get(name) for name in ENDPOINTS)


def start() -> None:
    """Trace this process, if that is switched on. The sampler and the rest are those of OpenTelemetry's variables."""
    if not is_switched_on():
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - if switched on
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    trace_to(BatchSpanProcessor(without_personal_data(OTLPSpanExporter())))


def trace_to(processor: "SpanProcessor") -> Callable[[], None]:
    """Trace requests, services, SQL, seals and tasks. Return a function that stops it."""
    from opentelemetry.instrumentation.celery import CeleryInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    name = os.environ.get("OTEL_SERVICE_NAME") or SERVICE_NAME
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(processor)
    instrumentors = (DjangoInstrumentor(), CeleryInstrumentor())  # type: ignore[no-untyped-call]
    for instrumentor in instrumentors:
        instrumentor.instrument(tracer_provider=provider)
    set_tracer(provider.get_tracer(SERVICE_NAME).start_as_current_span)
    connection_created.connect(_trace_statements)
    for connection in connections.all(initialized_only=True):
        _trace_statements(connection=connection)

    def stop() -> None:
        connection_created.disconnect(_trace_statements)
        for connection in connections.all(initialized_only=True):
            if _span_of_statement in connection.execute_wrappers:
                connection.execute_wrappers.remove(_span_of_statement)
        set_tracer(None)
        for instrumentor in instrumentors:
            instrumentor.uninstrument()
        provider.shutdown()

    return stop


def _trace_statements(*, connection: Any, **_: object) -> None:
    if _span_of_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_span_of_statement)


def _span_of_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:  # the signature is Django's
    """Run a statement in a span with its text, in which placeholders stand for the values."""
    from opentelemetry.trace import get_current_span  # noqa: PLC0415 - it is imported by now

    if not get_current_span().is_recording():
        return execute(sql, params, many, context)
    words = str(sql).split(maxsplit=1)
    with span(f"SQL {words[0] if words else ''}") as statement:
        statement.set_attribute("db.system", context["connection"].vendor)
        statement.set_attribute("db.statement", str(sql)[:MAX_STATEMENT_CHARS])
        return execute(sql, params, many, context)


def without_personal_data(exporter: "SpanExporter") -> "SpanExporter":
    """Return an exporter that passes spans on with ATTRIBUTES alone, and with exceptions' classes alone."""
    from opentelemetry.sdk.trace import Event, ReadableSpan  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult  # noqa: PLC0415
    from opentelemetry.trace import Status  # noqa: PLC0415

    def cleaned(one: "ReadableSpan") -> "ReadableSpan":
        events = [
            Event(event.name, {"exception.type": event.attributes["exception.type"]}, event.timestamp)
            for event in one.events
            if event.attributes and "exception.type" in event.attributes
        ]
        return ReadableSpan(
            name=one.name,
            context=one.context,
            parent=one.parent,
            resource=one.resource,
            attributes={key: value for key, value in (one.attributes or {}).items() if key in ATTRIBUTES},
            events=events,
            links=one.links,
            kind=one.kind,
            status=Status(one.status.status_code),
            start_time=one.start_time,
            end_time=one.end_time,
            instrumentation_scope=one.instrumentation_scope,
        )

    class CleaningExporter(SpanExporter):
        def export(self, spans: Sequence["ReadableSpan"]) -> SpanExportResult:
            return exporter.export([cleaned(one) for one in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return exporter.force_flush(timeout_millis)

    return CleaningExporter()
