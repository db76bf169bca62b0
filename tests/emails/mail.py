"""Emails to test with: those who get them, notices of every kind, and a mail server that refuses."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.access.actors import Actor, staff_actor
from accounts.models import Membership
from emails.models import Notice
from tests import factories

TICKET = {
    "contract": "EC-7Q4M",
    "ticket": "31",
    "reason": "订单选错",
    "note": "",
    "path": "/contracts/EC-7Q4M/",
}
CERTIFICATION = {"name": "蓝河贸易有限公司", "kind": "enterprise", "note": ""}


def acting(email: str = "li@customer.example", **fields: Any) -> Membership:
    """A member with an email address, an owner unless told otherwise."""
    return factories.MembershipFactory(user__email=email, **fields)


def notice(member: Membership | None = None, kind: str = "ticket_opened", **facts: str) -> Notice:
    """One that is due now, to a new member unless told whom."""
    member = member or acting()
    common = TICKET if kind.startswith("ticket") else CERTIFICATION
    return Notice.objects.create(
        user=member.user,
        kind=kind,
        reference=member.account.number,
        time_zone=member.account.time_zone,
        facts={**common, "account": member.account.number, **facts},
        due_at=timezone.now(),
        created_at=timezone.now(),
    )


def failed(member: Membership | None = None, error: str = "SMTPRecipientsRefused 550") -> Notice:
    given_up = notice(member)
    Notice.objects.filter(pk=given_up.pk).update(state="failed", attempts=10, error=error)
    return Notice.objects.get(pk=given_up.pk)


def state_of(row: Notice) -> tuple[str, int]:
    row = Notice.objects.get(pk=row.pk)
    return row.state, row.attempts


def somebody_of(group: str) -> Client:
    """Signed in as staff of one of the shipped roles."""
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def finance(permission: str) -> Actor:
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="Finance"))
    return staff_actor(get_user_model().objects.get(pk=user.pk), permission)


def tasks_at_once(monkeypatch: Any) -> None:
    """Tasks run where they are sent, instead of by a worker."""
    monkeypatch.setitem(current_app.conf, "task_always_eager", True)


class Conversation(socketserver.StreamRequestHandler):
    """SMTP as far as a client needs it to be refused."""

    def handle(self) -> None:
        self.server.taken.append(b"called")
        self._say("220 test")
        refused = False
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                refused = line.split("<")[1].startswith("refused")
            if word == "DATA":
                self._say("354 go on")
                while (text := self.rfile.readline()) != b".\r\n":
                    self.server.taken.append(text)
            if word == "RCPT" and refused:
                self._say("550 5.1.1 nobody called refused@customer.example here")
            else:
                self._say("221 bye" if word == "QUIT" else "250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server(settings: Any) -> Iterator[list[bytes]]:
    """A server on this machine that takes what is for anybody but refused@…; yields what it took, line by line."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        server.taken = []
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.taken
        finally:
            server.shutdown()
            thread.join()


def no_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
