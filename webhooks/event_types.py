"""Registry of event types that endpoints can subscribe to. Each app registers those of its own records."""

from collections.abc import Collection

from django.db import models
from django.utils.functional import Promise

EVENT_TYPES: dict[str, str | Promise] = {}
"""Event type, such as "order.cancelled" → label."""
_scopes: dict[str, str] = {}
"""Event type → integrators' token scope that allows it."""


def register_event_types(types: type[models.TextChoices], *, scope: str) -> None:
    """Add an app's event types. Called from the app's `ready`. Integrators need `scope` for them (R26)."""
    EVENT_TYPES.update((member.value, member.label) for member in types)
    _scopes.update((member.value, scope) for member in types)


def event_type_choices() -> list[tuple[str, str | Promise]]:
    return list(EVENT_TYPES.items())


def get_types_of_scopes(scopes: Collection[str]) -> list[str]:
    """Return the event types that an integrator with these scopes may receive."""
    return [event_type for event_type, scope in _scopes.items() if scope in scopes]
