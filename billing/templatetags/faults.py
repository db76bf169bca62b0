"""Faults in templates: the first MAX_FAULTS are listed, the others counted (templates/includes/faults_omitted.html)."""

from collections.abc import Sequence
from typing import Any

from django import template

from billing.errors import MAX_FAULTS

register = template.Library()


@register.filter
def listed(faults: Sequence[Any]) -> Sequence[Any]:
    return faults[:MAX_FAULTS]


@register.filter
def omitted(faults: Sequence[Any]) -> int:
    return max(0, len(faults) - MAX_FAULTS)
