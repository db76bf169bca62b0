"""A customer cannot have us ask our own network: webhooks go to public addresses alone, however they are written."""

import ipaddress
import socket

import pytest

from accounts.access.actors import actor_of
from common.errors import Refused
from tests.webhooks.receiving import due, endpoint_of, receiver
from webhooks import http_post as posting
from webhooks import public_addresses as addresses
from webhooks.endpoints import change_endpoint, create_endpoint
from webhooks.http_post import post
from webhooks.models import WebhookAttempt, WebhookDelivery
from webhooks.public_addresses import is_public, validate_endpoint_url
from webhooks.sending import send_due_webhooks

NOT_PUBLIC = [
    *("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.5", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "198.18.0.1", "192.0.2.1", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.0.1"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1", "2001::1", "100::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
]
PUBLIC = [
    *("93.184.216.34", "1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "11.0.0.1"),
    *("2606:4700::1111", "2a00:1450:4001::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1"),
]
HIDDEN = [
    *("2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0", "0x7f.1"),
    *("3232235777", "0xc0a80101", "0251.0376.0251.0376", "2852039166", "127.0.0.1.", "127.0.0.0x1"),
]
"""Numbers in other ways to write them, most of which the C library takes; all stand for 127.0.0.1 and the like."""


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_at_once(address):
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused, match="public") as refused:
        validate_endpoint_url(f"https://{host}/hooks")
    assert refused.value.faults[0].pointer == "/url"


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_one_is_taken(address):
    assert is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert validate_endpoint_url(f"https://{host}:8443/hooks?of=us") == f"https://{host}:8443/hooks?of=us"


@pytest.mark.parametrize("host", HIDDEN)
def test_a_number_that_is_written_to_hide_what_it_is_is_refused_at_once(host):
    with pytest.raises(Refused):
        validate_endpoint_url(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "https://",
        "https:///hooks",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com@127.0.0.1/",
        "https://@hooks.example.com/",
        "https://hooks.example.com/#fragment",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:port/",
        "https://localhost/",
        "https://redis:6379/",
        "https://hooks..example.com/",
        "https://-hooks.example.com/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/\r\nHost: internal",
        "https://hooks.example.com/a b",
        "https://hóoks.example.com/",
        "https://①②⑦.⓪.⓪.①/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://" + "a" * 64 + ".example.com/",
        "https://hooks.example.com/" + "a" * 500,
    ],
)
def test_what_is_no_sound_address_is_refused_at_once(url):
    with pytest.raises(Refused) as refused:
        validate_endpoint_url(url)
    assert refused.value.code == "invalid"


@pytest.mark.parametrize("url", ["https://hooks.example.com", "HTTPS://Hooks.Example.com:8443/a/%20?b=c&d"])
def test_a_sound_one_is_kept_as_it_is_written(url):
    assert validate_endpoint_url(f"  {url} ") == url


def resolving(monkeypatch, *answers):
    """Names mean these addresses: the first time the first, then the next, and the last for good. Returns a list of
    where it was connected to."""
    answers = list(answers)
    connected = []

    def look_up(host, port, **more):
        found = [ipaddress.ip_address(address) for address in (answers.pop(0) if len(answers) > 1 else answers[0])]
        known = {4: (socket.AF_INET, (port,)), 6: (socket.AF_INET6, (port, 0, 0))}
        return [
            (family, socket.SOCK_STREAM, 6, "", (str(address), *rest))
            for address in found
            for family, rest in [known[address.version]]
        ]

    class Unconnected(socket.socket):
        def connect(self, address):
            connected.append(address[0])
            raise ConnectionRefusedError

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(posting.socket, "socket", Unconnected)
    return connected


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_means_such_an_address_is_not_connected_to(monkeypatch, address):
    connected = resolving(monkeypatch, [address])
    outcome = post("https://hooks.example.com/", b"{}", {})
    assert (outcome.error, outcome.status_code, connected) == ("address", None, [])


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_nor_is_what_the_system_takes_for_one(host):
    """Were one kept in the table, by whatever way: the real resolver of this machine understands these."""
    assert post(f"https://{host}:1/", b"{}", {}).error == "address"


def test_of_several_addresses_only_public_ones_are_connected_to(monkeypatch):
    connected = resolving(monkeypatch, ["10.0.0.1", "93.184.216.34", "::1", "2606:4700::1111"])
    assert post("https://hooks.example.com/", b"{}", {}).error == "unreachable"
    assert connected == ["93.184.216.34", "2606:4700::1111"]


def test_a_name_that_changes_its_meaning_after_the_check_is_connected_to_as_checked(monkeypatch):
    """DNS rebinding: public when it is asked for, and private when it would be asked again."""
    connected = resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    post("https://hooks.example.com/", b"{}", {})
    assert connected == ["93.184.216.34"]


@pytest.mark.django_db
def test_a_name_of_our_own_network_gets_no_event(membership, monkeypatch):
    """The whole way: a real receiver on this machine, and a name that leads to it."""
    with receiver() as server:
        connected = resolving(monkeypatch, ["127.0.0.1"])
        due(endpoint_of(membership.account, server.url.replace("http://127.0.0.1", "https://hooks.example.com")))
        send_due_webhooks()
        assert (server.received, connected) == ([], [])
    assert WebhookDelivery.objects.get().state == "pending"
    assert WebhookAttempt.objects.get().get_error_display() == "Webhooks cannot be sent to this address."


@pytest.mark.django_db
def test_creating_and_changing_check_the_address(membership, settings):
    actor = actor_of(membership, "page")
    endpoint = create_endpoint(url="https://hooks.example.com/", by=actor)
    for call in (
        lambda: create_endpoint(url="https://10.0.0.1/", by=actor),
        lambda: change_endpoint(endpoint=endpoint, url="https://10.0.0.1/", by=actor),
    ):
        with pytest.raises(Refused, match="public"):
            call()
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert change_endpoint(endpoint=endpoint, url="http://10.0.0.1/", by=actor).url == "http://10.0.0.1/"
    assert change_endpoint(endpoint=endpoint, url="http://redis:6379/", by=actor).url == "http://redis:6379/"


def test_an_endpoint_of_when_more_was_allowed_is_sent_nothing(settings, monkeypatch):
    connected = resolving(monkeypatch, ["93.184.216.34"])
    assert post("http://hooks.example.com/", b"{}", {}).error == "address"
    assert connected == []
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert post("http://hooks.example.com/", b"{}", {}).error == "unreachable"
    assert post("ftp://hooks.example.com/", b"{}", {}).error == "address"
    assert connected == ["93.184.216.34"]


def test_proxies_of_the_environment_are_not_asked(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as proxy, receiver() as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert post(server.url, b"{}", {}).status_code == 200
        assert (len(server.received), proxy.received) == (1, [])
