"""Services for the saved filters of staff members: save, delete, list."""

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import SavedFilter
from common.errors import Refused
from common.texts import find_length_faults, validate_text
from common.transactions import in_transaction

MAX_SAVED_FILTERS = 20
"""Per person and list."""


def get_saved_filters(user_id: int, list_label: str) -> QuerySet[SavedFilter]:
    """Return the user's filters of a list, by name."""
    return SavedFilter.objects.filter(user=user_id, list=list_label)


@in_transaction
def save_filter(*, user_id: int, list_label: str, name: str, query: str) -> SavedFilter:
    """Save a filter, replacing the user's filter of that name.

    `query` has only known parameters of the list. Raises Refused: `invalid` at `/name` or `/query`,
    `transition_not_allowed` if the user has MAX_SAVED_FILTERS for the list.
    """
    name = validate_text(SavedFilter, "name", name, pointer="/name", missing=_("Name the filter."))
    if not query:
        raise Refused("invalid", _("Filter or search the list first."), pointer="/query")
    if faults := find_length_faults(SavedFilter, "query", query, pointer="/query"):
        raise Refused.because(faults)
    get_user_model().objects.select_for_update().get(pk=user_id)  # one at a time, so that the limit holds
    others = get_saved_filters(user_id, list_label).exclude(name=name)
    if others.count() >= MAX_SAVED_FILTERS:
        raise Refused(
            "transition_not_allowed",
            _("You have the maximum of %(limit)d saved filters for this list. Delete one first.")
            % {"limit": MAX_SAVED_FILTERS},
        )
    saved, _created = SavedFilter.objects.update_or_create(
        user_id=user_id, list=list_label, name=name, defaults={"query": query}
    )
    return saved


def delete_filter(*, user_id: int, list_label: str, pk: int) -> None:
    """Delete the user's filter. Does nothing if it is gone already or another user's."""
    get_saved_filters(user_id, list_label).filter(pk=pk).delete()
