"""manage.py export_person: what is kept of a person, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import SecurityEvent
from accounts.sign_in.security_log import record_security_event
from contracts.management.commands.erase_person import person
from contracts.operations.privacy.exporting import export_person


class Command(BaseCommand):
    help = "Print what is kept of a user as JSON, to be given to that person (docs/privacy.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = person(username)
        told = export_person(user)
        record_security_event(kind=SecurityEvent.Kind.EXPORTED, user_id=None, about_id=user.pk, detail="personal data")
        self.stdout.write(json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
