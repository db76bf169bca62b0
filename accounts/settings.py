"""Services for the settings of an account, which its owners can change."""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.access.security_log import record_security_event
from accounts.cc_emails import validate_cc_emails
from accounts.models import Account, DocumentLanguage, Membership, SecurityEvent
from common.errors import Fault, Refused, pointer_token
from common.money import CURRENCIES, is_exact, plain_amount
from common.transactions import in_transaction

THRESHOLD = re.compile(r"[0-9]{1,15}(\.[0-9]{1,3})?")


@in_transaction
def change_settings(
    *,
    document_language: str | None = None,
    po_number_required: bool | None = None,
    approval_required_from: Mapping[str, str] | None = None,
    deliver_by_email: bool | None = None,
    cc_emails: Sequence[str] | None = None,
    second_factor_required: bool | None = None,
    by: Actor,
) -> Account:
    """Change settings of the actor's account; None leaves a setting unchanged.

    `document_language`: the default language of new contracts; empty removes it. `po_number_required`: see R34.
    `approval_required_from`: currency → decimal string, the amount from which conversions need approval (R44); empty
    for never. `deliver_by_email`: the default of conversions; `cc_emails` replace the stored ones.
    `second_factor_required`: members set up a second factor before they continue (R50). Raises Refused:
    `permission_denied` unless the actor is an owner; `invalid` for an unknown language, a wrong threshold, approval in
    an account where nobody could approve, or invalid addresses.
    """
    require_owner(by)
    if document_language and document_language not in DocumentLanguage.values:
        raise Refused("invalid", _("This is not a contract language."), pointer="/document_language")
    cc_emails = None if cc_emails is None else validate_cc_emails(cc_emails)
    account = Account.objects.select_for_update().get(pk=by.own_account.pk)
    changes = {
        "document_language": document_language,
        "po_number_required": po_number_required,
        "approval_required_from": None if approval_required_from is None else _read_thresholds(approval_required_from),
        "deliver_by_email": deliver_by_email,
        "cc_emails": cc_emails,
        "second_factor_required": second_factor_required,
    }
    before = copy(account)
    for name, value in changes.items():
        if value is not None:
            setattr(account, name, value)
    account.save(update_fields=list(changes))
    if account.approval_required_from != before.approval_required_from:
        require_two_people(account)
        _record_thresholds(account, by)
    if (account.deliver_by_email, account.cc_emails) != (before.deliver_by_email, before.cc_emails):
        _record_delivery(account, by)
    if account.second_factor_required != before.second_factor_required:
        _record_requirement(account, by)
    return account


def _read_thresholds(given: Mapping[str, str]) -> dict[str, str]:
    """Return the thresholds in the currencies' own decimals. Raises Refused with a fault for each wrong one."""
    thresholds, faults = {}, []
    for currency, text in given.items():
        pointer = f"/approval_required_from/{pointer_token(currency)}"
        if currency not in CURRENCIES:
            wrong = _("%(value)s is not the ISO 4217 code of a currency in use, such as CNY.") % {"value": currency}
            faults.append(Fault("invalid", wrong, pointer))
        elif (amount := _read_amount(text, currency)) is None:
            wrong = _("Enter an amount of 0 or more that %(currency)s can express.") % {"currency": currency}
            faults.append(Fault("invalid", wrong, pointer))
        else:
            thresholds[currency] = plain_amount(amount, currency)
    if faults:
        raise Refused.because(faults)
    return thresholds


def _read_amount(text: str, currency: str) -> Decimal | None:
    amount = Decimal(text) if THRESHOLD.fullmatch(text.strip()) else None
    return amount if amount is not None and is_exact(amount, currency) else None


def require_two_people(account: Account) -> None:
    """Raise Refused `invalid` if approval is on and nobody could approve what someone else requests (R44)."""
    acting = account.memberships.acting().filter(user__is_active=True)
    if account.approval_required_from and (acting.count() < 2 or not acting.approving().exists()):
        raise Refused(
            "invalid",
            _("Approval needs two members who may act, one of them an approver. Add another member first."),
            pointer="/approval_required_from",
        )


def _record_thresholds(account: Account, by: Actor) -> None:
    amounts = [f"{currency} {amount}" for currency, amount in sorted(account.approval_required_from.items())]
    record_security_event(
        kind=SecurityEvent.Kind.APPROVAL_CHANGED,
        user_id=by.person,
        detail=f"{account.number}: approval from {', '.join(amounts) or 'never'}",
    )


def _record_delivery(account: Account, by: Actor) -> None:
    """Record where copies of contracts go from now on."""
    detail = f"account {account.number}: {'on' if account.deliver_by_email else 'off'}, {len(account.cc_emails)} CC"
    record_security_event(kind=SecurityEvent.Kind.DELIVERY_CHANGED, user_id=by.person, detail=detail)


def _record_requirement(account: Account, by: Actor) -> None:
    detail = f"account {account.number}: {'required' if account.second_factor_required else 'not required'}"
    record_security_event(kind=SecurityEvent.Kind.FACTOR_REQUIREMENT_CHANGED, user_id=by.person, detail=detail)


def require_owner(by: Actor) -> None:
    """Raise Refused `permission_denied` unless the actor is an owner of the account and may act."""
    by.require_to_act()
    if not Membership.objects.filter(user=by.person, account=by.own_account, role=Membership.Role.OWNER).exists():
        raise Refused("permission_denied", _("Only owners of the account can change this."))
