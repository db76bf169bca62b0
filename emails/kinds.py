"""Registry of email kinds. Each app registers the kinds that report its own changes."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from emails.models import Notice

TEST_FACT = "test"
"""Name of the fact of emails whose subject begins with [TEST]."""
Facts = dict[str, str]
"""Values for the email text by name: the facts of the row, and `user`, the recipient's user name."""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class EmailKind:
    """One kind of email. Its functions return unescaped text in the active language."""

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
    """Why the recipient gets the email; may contain `%(fact)s`."""
    path: Callable[[Notice], str]
    """Returns the path of the link; staff may see it."""
    secret_path: Callable[[Notice], str] | None = None
    """Returns a secret path for the recipient only, used instead of `path`. It is never stored."""
    obstacle: Callable[[Notice], str] = lambda _notice: ""
    """Returns why the email must no longer be sent (text marked for translation); empty to send it."""
    attachment: Callable[[Notice], "Attachment | None"] | None = None
    """Returns the file to attach, read when the email is sent; None for none."""
    on_end: Callable[[Notice], None] = lambda _notice: None
    """Called when the email was sent or given up, in the transaction that records it; may be called again later."""
    times: frozenset[str] = frozenset()
    """Names of facts that are times (ISO 8601 with offset). They are formatted in the email's time zone."""


KINDS: dict[str, EmailKind] = {}


def register_kind(kind: EmailKind) -> EmailKind:
    """Add a kind of email. Called when the owning app's `emails` module is imported."""
    KINDS[kind.name] = kind
    return kind


def get_kind_label(notice: Notice) -> str:
    """Return the label of the email's kind; the kind itself if no app registers it any more."""
    return str(KINDS[notice.kind].label) if notice.kind in KINDS else notice.kind
