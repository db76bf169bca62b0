"""manage.py export_person: print a person's data as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from accounts.access.security_log import record_security_event
from accounts.models import SecurityEvent
from contracts.management.commands.erase_person import get_person
from contracts.operations.privacy.exporting import export_person


class Command(BaseCommand):
    help = "Print a user's personal data as JSON, to hand over to that person (docs/privacy.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = get_person(username)
        data = export_person(user)
        record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=None, about_id=user.pk, detail="personal data")
        self.stdout.write(json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
