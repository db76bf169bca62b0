"""What somebody types behind the address of a list is refused or ignored, and never an error of the server."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.billing.bookkeeping import client_of, somebody
from tests.contracts.back_office.office import open_office

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer", "clock")]
ODD = [
    "applied_at__gte=0001-01-01",
    "at__gte=0001-01-01",
    "created_at__lt=0001-01-01",
    "booked_at__gte=0001-01-01",
    "number__regex=(",
    "username__regex=(",
    "pk__in=1,a",
    "id__exact=99999999999999999999",
    "groups__id__exact=99999999999999999999",
    "is_staff__exact=maybe",
    "certification__exact=x",
    "certification__isnull=maybe",
    "_to_field=memberships&_popup=1",
    "_to_field=number&_popup=1",
    "_to_field=nothing&_popup=1",
    "o=99.-99",
    "o=x",
    "p=99999999999999999999",
    "p=-1",
    "all=",
    "q=%00",
    "q=" + "x" * 5000,
    "status=nothing",
    "kind=nothing",
    "e=1",
    "nothing=1",
    "since=yesterday",
    "until=9999-12-31",
    "since=0001-01-01&person=" + "x" * 5000,
    "account__memberships__user__password__startswith=m",
]


@pytest.fixture
def client():
    open_office()
    return client_of(somebody(is_superuser=True))


@pytest.mark.exhaustive
def test_every_list_answers_every_odd_address(client):
    lists = [f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist" for m in admin.site._registry]
    answers = {
        (name, query): client.get(f"{reverse(name)}?{query}", follow=True).status_code
        for name in lists
        for query in ODD
    }
    assert {where: status for where, status in answers.items() if status not in (200, 400)} == {}


def test_a_lookup_that_no_filter_of_the_list_makes_is_refused(client):
    contracts = reverse("admin:contracts_contract_changelist")
    assert client.get(f"{contracts}?number__startswith=EC").status_code == 400
    assert client.get(f"{contracts}?type__exact=order").status_code == 200
