"""Emails about webhook endpoints that fail."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.emails import account_kind
from emails.kinds import Facts
from emails.models import Notice


def _webhook_facts(facts: Facts) -> list[tuple[str, str]]:
    return [(_("Address"), facts["url"])]


def _webhook_failing(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: a webhook endpoint fails") % facts,
        _("The endpoint %(url)s has not taken an event of account %(account)s for three days.") % facts,
        _(
            "That event is given up, and so is each that it does not take for as long. The endpoint's page shows what "
            "it answered. Events that were given up can be sent again there."
        ),
    ]


def _webhook_gone(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: a webhook endpoint is switched off") % facts,
        _("The endpoint %(url)s answered that it is gone (410). No more events are sent to it.") % facts,
        _("If that was a mistake, switch it on again on its page: what waits is sent then."),
    ]


def _endpoint_path(notice: Notice) -> str:
    path: str = notice.facts["path"]
    return path


ENDPOINT_FAILING = account_kind(
    "webhook_failing",
    gettext_lazy("Webhook endpoint fails"),
    words=_webhook_failing,
    facts=_webhook_facts,
    action=gettext_lazy("Open the endpoint's page"),
    path=_endpoint_path,
)
ENDPOINT_GONE = account_kind(
    "webhook_gone",
    gettext_lazy("Webhook endpoint switched off"),
    words=_webhook_gone,
    facts=_webhook_facts,
    action=gettext_lazy("Open the endpoint's page"),
    path=_endpoint_path,
)
