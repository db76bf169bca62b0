"""Receivers read where webhooks come from, without signing in, if the operator publishes it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

pytestmark = pytest.mark.django_db
PAGE, JSON = "/webhooks/addresses/", "/webhooks/addresses.json"


@pytest.mark.parametrize(("language", "title"), [("en", "Where webhooks come from"), ("zh-hans", "Webhook 的来源地址")])
def test_published_ones_are_shown_in_both_languages_and_as_json(client, settings, language, title):
    settings.WEBHOOK_SENDING_ADDRESSES = ["203.0.113.0/28", "2001:db8::7/128"]
    page = client.get(PAGE, headers={"accept-language": language}).text
    assert title in page
    assert ["203.0.113.0/28" in page, "2001:db8::7/128" in page, JSON in page] == [True] * 3
    answer = client.get(JSON)
    assert answer.json() == {"addresses": ["203.0.113.0/28", "2001:db8::7/128"]}
    assert "public" in answer["Cache-Control"]
    assert client.post(JSON).status_code == 405


def test_without_the_setting_there_is_no_page_and_no_link(client, membership, settings):
    client.force_login(membership.user)
    assert PAGE not in client.get("/account/webhooks/").text
    assert [client.get(path).status_code for path in (PAGE, JSON)] == [404, 404]
    settings.WEBHOOK_SENDING_ADDRESSES = ["203.0.113.7/32"]
    assert PAGE in client.get("/account/webhooks/").text


def test_addresses_and_networks_are_read(monkeypatch):
    monkeypatch.setenv("WEBHOOK_SENDING_ADDRESSES", " 203.0.113.7, 198.51.100.0/24,2001:DB8::/64,")
    assert environment.networks("WEBHOOK_SENDING_ADDRESSES") == ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/64"]


@pytest.mark.parametrize("value", ["hooks.example.com", "203.0.113.7/24", "203.0.113.256", "203.0.113.7;1", "1.2.3"])
def test_anything_else_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("WEBHOOK_SENDING_ADDRESSES", value)
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_SENDING_ADDRESSES must be IP addresses or networks"):
        environment.networks("WEBHOOK_SENDING_ADDRESSES")
