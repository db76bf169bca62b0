"""Registry of event types that endpoints can subscribe to. Each app registers those of its own records."""

from django.db import models
from django.utils.functional import Promise

EVENT_TYPES: dict[str, str | Promise] = {}
"""Event type, such as "order.cancelled" → label."""


def register_event_types(types: type[models.TextChoices]) -> None:
    """Add an app's event types. Called from the app's `ready`."""
    EVENT_TYPES.update((member.value, member.label) for member in types)


def event_type_choices() -> list[tuple[str, str | Promise]]:
    return list(EVENT_TYPES.items())
