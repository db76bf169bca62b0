"""What the first page of the back office puts in front of staff."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser


def home_facts(user: AbstractUser, *, now: datetime) -> dict[str, Any]:
    return {}
