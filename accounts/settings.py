"""Services for the settings of an account, which its owners can change."""

from django.utils.translation import gettext as _

from accounts.access.actors import Actor
from accounts.models import Account, DocumentLanguage, Membership
from common.errors import Refused
from common.transactions import in_transaction


@in_transaction
def change_document_language(*, language: str, by: Actor) -> Account:
    """Set the default language of new contracts; an empty `language` removes the setting.

    Raises Refused: `permission_denied` unless the actor is an owner, `invalid` for an unknown language.
    """
    require_owner(by)
    if language and language not in DocumentLanguage.values:
        raise Refused("invalid", _("This is not a contract language."), pointer="/document_language")
    account = Account.objects.select_for_update().get(pk=by.own_account.pk)
    account.document_language = language
    account.save(update_fields=["document_language"])
    return account


def require_owner(by: Actor) -> None:
    """Raise Refused `permission_denied` unless the actor is an owner of the account and may act."""
    by.require_to_act()
    if not Membership.objects.filter(user=by.person, account=by.own_account, role=Membership.Role.OWNER).exists():
        raise Refused("permission_denied", _("Only owners of the account can change this."))
