"""Every form of the console refuses what is too long: no error of ours, and no column holds more than it may."""

from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from django.apps import apps
from django.db import models
from django.db.models import F
from django.db.models.functions import Length

from tests.apps import APPS
from tests.contracts.back_office.marks import Form, Marks
from tests.contracts.pages.conftest import signed_in
from tests.contracts.pages.every_page import furnish
from tests.undone import undone

KEPT = {"csrfmiddlewaretoken", "for_account", "selection", "version"}
"""Fields that say which page the form is of."""
TOO_LONG = "ab9" * 2000


def forms_of(visit, addresses: list[str]) -> Iterator[tuple[str, Form]]:
    """Yield each form once, with the address that it is sent to."""
    known = set()
    for address in addresses:
        for form in Marks(visit.get(address).text).forms:
            target = urljoin(address, form.action) if form.action else address
            named = (form.method, target.partition("?")[0], *sorted(form.fields))
            if named not in known and "logout" not in target:
                known.add(named)
                yield target, form


def overfull() -> list[str]:
    """Columns that hold a text which is longer than the column."""
    found = []
    for model in apps.get_models():
        if model._meta.app_label not in APPS or model._meta.proxy:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.CharField) and field.max_length:
                longer = model.objects.annotate(chars=Length(F(field.name))).filter(chars__gt=field.max_length)
                found += [str(field)] if longer.exists() else []
    return found


@pytest.mark.django_db
@pytest.mark.rule("R46")
def test_in_every_field_of_every_form(issuer, subtests):
    console = furnish()
    visit = signed_in(console.owner)
    tried = 0
    for target, form in forms_of(visit, console.pages):
        for name in set(form.fields) - KEPT:
            given = form.fields | {name: [TOO_LONG]}
            with subtests.test(f"{form.method} {target} {name}"), undone():
                answer = getattr(visit, form.method)(target, given)
                assert answer.status_code < 500
                assert overfull() == []
                tried += 1
    assert tried > 60
