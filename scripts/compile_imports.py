"""Imports what the processes of the image import, so that the bytecode of these modules alone is in it (Dockerfile)."""

import importlib
import os
import pkgutil

import django

OURS = (
    "common",
    "jobs",
    "emails",
    "accounts",
    "webhooks",
    "billing",
    "orders",
    "exports",
    "contracts",
    "api",
    "config",
)
OTHERS = (
    *(
        "celery.bin.celery",
        "celery.apps.worker",
        "celery.apps.beat",
        "celery.concurrency.prefork",
        "celery.fixups.django",
    ),
    *("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "kombu.transport.redis", "redis.client"),
    *("django.db.backends.postgresql.base", "django.core.cache.backends.redis", "whitenoise.storage"),
    *("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.instrumentation.celery"),
    *("opentelemetry.instrumentation.django", "sentry_sdk.integrations.celery", "sentry_sdk.integrations.django"),
    *("encodings.idna", "boto3.session", "storages.backends.s3"),
)
NEED_A_SEAL = {"config.wsgi"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for name in OTHERS:
        importlib.import_module(name)
    for root in OURS:
        package = importlib.import_module(root)
        for module in pkgutil.walk_packages(package.__path__, f"{root}."):
            if module.name not in NEED_A_SEAL:
                importlib.import_module(module.name)
    importlib.import_module("django.template.loader").get_template("500.html")


if __name__ == "__main__":
    main()
