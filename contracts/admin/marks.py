"""The contract of a row of a back office list, with the mark of test contracts (R48)."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import with_test_mark


class MarkedContract:
    """Adds the column `contract_marked` to a list whose rows have a `contract`."""

    @admin.display(description=_("contract"))
    def contract_marked(self, row: Any) -> str:
        return with_test_mark(row.contract, is_test=row.contract.is_test)
