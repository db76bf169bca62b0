"""Emails about webhook endpoints that fail."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.emails import register_account_kind
from emails.kinds import Facts


def _webhook_facts(facts: Facts) -> list[tuple[str, str]]:
    return [(_("Address"), facts["url"])]


def _webhook_failing(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: a webhook endpoint is failing") % facts,
        _("The endpoint %(url)s of account %(account)s has not accepted an event for three days.") % facts,
        _(
            "We stop retrying an event after three days of failures. The endpoint's page shows its responses, and you "
            "can resend failed events there."
        ),
    ]


def _webhook_disabled(facts: Facts) -> list[str]:
    return [
        _("Account %(account)s: a webhook endpoint was disabled") % facts,
        _("The endpoint %(url)s responded with 410 Gone, so we send no more events to it.") % facts,
        _("If this was a mistake, enable it again on its page. Pending events will then be sent."),
    ]


ENDPOINT_FAILING = register_account_kind(
    "webhook_failing",
    gettext_lazy("Webhook endpoint failing"),
    words=_webhook_failing,
    facts=_webhook_facts,
    action=gettext_lazy("Open the endpoint's page"),
)
ENDPOINT_GONE = register_account_kind(
    "webhook_gone",
    gettext_lazy("Webhook endpoint disabled"),
    words=_webhook_disabled,
    facts=_webhook_facts,
    action=gettext_lazy("Open the endpoint's page"),
)
