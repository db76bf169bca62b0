"""Filters that a staff member saves under a name, and finds again beside the list."""

import pytest
from django.test import Client

from accounts import saved_filters
from accounts.models import SavedFilter
from tests.billing.bookkeeping import HOSTILE, client_of, somebody

pytestmark = pytest.mark.django_db
ACCOUNTS = "/admin/accounts/account/"
SAVE = "/admin/saved-filters/"


@pytest.fixture
def user():
    return somebody("Finance")


@pytest.fixture
def client(user):
    return client_of(user)


def save(client, name="Personal", query="certification__exact=personal", **given):
    return client.post(SAVE, {"list": "accounts.account", "name": name, "query": query, **given})


def test_a_filter_is_saved_and_found_beside_its_list(client):
    answer = save(client)
    assert answer["Location"] == f"{ACCOUNTS}?certification__exact=personal"
    page = client.get(answer["Location"]).text
    assert "The filter was saved as “Personal”." in page
    assert '<a href="?certification__exact=personal" aria-current="true">Personal</a>' in page
    assert "Save this filter as" not in page
    assert '<a href="?certification__exact=personal">Personal</a>' in client.get(ACCOUNTS).text
    assert "Personal</a>" not in client.get("/admin/orders/order/").text


def test_the_page_offers_to_save_what_is_filtered_only(client):
    assert "Save this filter as" not in client.get(ACCOUNTS).text
    assert "Save this filter as" in client.get(f"{ACCOUNTS}?q=Spruce").text
    assert "Save this filter as" not in client.get(f"{ACCOUNTS}?p=1").text


def test_only_known_parameters_of_the_list_are_stored(client):
    save(client, query="q=A%26B&p=4&certification__exact=none&e=1&next=https://evil.example&_popup=1&o=-1")
    assert SavedFilter.objects.get().query == "certification__exact=none&o=-1&q=A%26B"


@pytest.mark.parametrize(
    "query", ["https://evil.example/", "//evil.example", "/admin/logout/", "?", "", "p=2", "next=/", "q=", "&=&"]
)
def test_nothing_else_is_stored_or_led_to(client, query):
    answer = save(client, query=query)
    assert answer["Location"] == ACCOUNTS
    assert not SavedFilter.objects.exists()
    assert "Filter or search the list first." in client.get(ACCOUNTS).text


def test_days_of_a_range_are_stored(client):
    client.post(SAVE, {"list": "orders.order", "name": "Q4", "query": "since=2026-10-01&until=2026-12-31&status=paid"})
    assert SavedFilter.objects.get().query == "since=2026-10-01&status=paid&until=2026-12-31"


def test_everybody_sees_and_deletes_their_own_alone(client):
    save(client)
    colleague = client_of(somebody("Finance"))
    assert "Personal</a>" not in colleague.get(ACCOUNTS).text
    pk = SavedFilter.objects.get().pk
    for one in (colleague, client):
        assert SavedFilter.objects.filter(pk=pk).exists()
        one.post(SAVE, {"list": "accounts.account", "delete": pk, "query": "q=x"})
    assert not SavedFilter.objects.exists()


def test_deleting_twice_or_nonsense_does_no_harm(client):
    save(client)
    for pk in ("999999", "x", "9" * 40, ""):
        assert client.post(SAVE, {"list": "accounts.account", "delete": pk}).status_code == 302
    assert SavedFilter.objects.count() == 1


def test_the_same_name_replaces(client):
    save(client)
    save(client, query="certification__exact=none")
    assert SavedFilter.objects.get().query == "certification__exact=none"


def test_the_number_is_limited_for_each_list(client, monkeypatch):
    monkeypatch.setattr(saved_filters, "MAX_SAVED_FILTERS", 2)
    for name in ("A", "B", "C"):
        save(client, name=name)
    assert "You have the maximum of 2 saved filters for this list." in client.get(ACCOUNTS).text
    assert set(SavedFilter.objects.values_list("name", flat=True)) == {"A", "B"}
    save(client, name="B", query="q=x")
    client.post(SAVE, {"list": "orders.order", "name": "C", "query": "status=paid"})
    assert SavedFilter.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "said"), [("", "Name the filter."), ("  ", "Name the filter."), ("x" * 61, "At most 60 characters")]
)
def test_a_name_is_required_and_short(client, name, said):
    save(client, name=name)
    assert said in client.get(ACCOUNTS).text
    assert not SavedFilter.objects.exists()


def test_odd_characters_do_no_harm(client):
    assert save(client, name="a\u202eb\n", query="q=%00%ED%A0%80&certification__exact=none").status_code == 302
    save(client, name="Long", query="q=" + "x" * 3000)
    assert "At most 1000 characters" in client.get(ACCOUNTS).text
    save(client, name=HOSTILE, query="q=%22%3E%3Cscript%3E")
    text = client.get(ACCOUNTS).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("label", ["", "accounts.securityevent", "accounts.apitoken", "nothing.here", "auth.user"])
def test_lists_that_one_may_not_view_are_refused(client, label):
    assert client.post(SAVE, {"list": label, "name": "A", "query": "q=1"}).status_code == 403
    assert not SavedFilter.objects.exists()


def test_it_takes_a_post_with_its_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert save(client).status_code == 403
    assert client.get(SAVE, {"list": "accounts.account"}).status_code == 403
    assert not SavedFilter.objects.exists()
