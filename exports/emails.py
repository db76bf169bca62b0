"""The email that an export is ready."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.emails import RECIPIENT_LEFT, get_stored_path
from accounts.models import Membership
from emails.kinds import EmailKind, Facts, register_kind
from emails.models import Notice

RECIPIENT_LEFT_OFFICE = gettext_noop("The recipient is no longer on the staff.")


def _words(facts: Facts) -> list[str]:
    return [
        _("Your export is ready"),
        _("The file %(file)s is ready. You can download it for seven days.") % facts,
    ]


def _obstacle(notice: Notice) -> str:
    member = Membership.objects.filter(account__number=notice.reference, user=notice.user_id)
    return "" if notice.person.is_active and member.exists() else RECIPIENT_LEFT


def _office_obstacle(notice: Notice) -> str:
    return "" if notice.person.is_active and notice.person.is_staff else RECIPIENT_LEFT_OFFICE


OFFICE_EXPORT_READY = register_kind(
    EmailKind(
        name="office_export_ready",
        label=gettext_lazy("Back office export ready"),
        words=_words,
        facts=lambda _facts: [],
        action=gettext_lazy("Open the export"),
        reason=gettext_lazy("You receive this automatic email because you asked for an export in the back office."),
        path=get_stored_path,
        obstacle=_office_obstacle,
    )
)

EXPORT_READY = register_kind(
    EmailKind(
        name="export_ready",
        label=gettext_lazy("Export ready"),
        words=_words,
        facts=lambda facts: [(_("Account number"), facts["account"])],
        action=gettext_lazy("Open the export"),
        reason=gettext_lazy("You receive this automatic email because you asked for an export of account %(account)s."),
        path=get_stored_path,
        obstacle=_obstacle,
    )
)
