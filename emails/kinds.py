"""Kinds of emails: what each says. The apps whose changes they report register their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from emails.models import Notice

Facts = dict[str, str]
"""What the words need, by name: the row's own facts and `user`, the recipient's user name."""


@dataclass(frozen=True, slots=True)
class EmailKind:
    """One kind of email. Its functions return texts in the active language; texts are not escaped yet."""

    name: str
    label: str | Promise
    """Shown to staff."""
    words: Callable[[Facts], list[str]]
    """Returns the subject, then the paragraphs."""
    facts: Callable[[Facts], list[tuple[str, str]]]
    """Returns the labelled facts listed below the paragraphs."""
    action: str | Promise
    """Text of the link."""
    reason: str | Promise
    """Why the recipient gets the email; may name `%(fact)s`."""
    path: Callable[[Notice], str]
    """Returns the path that the link opens, as staff may see it."""
    secret_path: Callable[[Notice], str] | None = None
    """Returns the path for the recipient alone, in place of `path`. It is stored nowhere."""
    obstacle: Callable[[Notice], str] = lambda _notice: ""
    """Returns why the email must not be sent any more, as a marked text; empty to send it."""
    times: frozenset[str] = frozenset()
    """Names of facts that are times, ISO 8601 with offset. They are printed in the email's zone."""


KINDS: dict[str, EmailKind] = {}


def register_kind(kind: EmailKind) -> EmailKind:
    """Add a kind of email. Called when the owning app's `emails` module is imported."""
    KINDS[kind.name] = kind
    return kind
