"""Staff open products to electronic contracts and close them, and see first what that does (R6)."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.access.actors import Actor, staff_actor
from common.errors import Refused
from contracts.services import apply_for_contract, convert_to_official, void_draft
from orders.models import Product
from orders.products import count_effects, open_products
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R6")]
PRODUCTS = "/admin/orders/product"


def staff(*groups: str, **flags):
    user = factories.UserFactory(is_staff=True, **flags)
    user.groups.add(*Group.objects.filter(name__in=groups))
    return user


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opener() -> Actor:
    return staff_actor(staff("Legal"), "orders.open_product")


@pytest.fixture
def client():
    return client_of(staff("Legal"))


@pytest.fixture
def products():
    """Two closed ones and an open one."""
    return [factories.ProductFactory(supports_contracts=i == 2) for i in range(3)]


def page_for(products, *, supports=True) -> str:
    return f"{PRODUCTS}/{'open' if supports else 'close'}/?ids={','.join(str(p.pk) for p in products)}"


def decide(client, products, *, supports=True):
    address = page_for(products, supports=supports)
    return client.post(address, {"seen": client.get(address).context["seen"]})


def supported():
    return list(Product.objects.order_by("pk").values_list("supports_contracts", flat=True))


def test_chosen_products_are_opened_after_a_page_that_shows_the_effect(client, products):
    chosen = [product.pk for product in products[:2]]
    answer = client.post(f"{PRODUCTS}/", {"action": "open_chosen", "_selected_action": chosen})
    assert answer["Location"] == page_for(products[:2])
    page = client.get(answer["Location"])
    assert supported() == [False, False, True]
    answer = client.post(answer["Location"], {"seen": page.context["seen"]}, follow=True)
    assert supported() == [True, True, True]
    assert "2 products were opened." in answer.text


def test_chosen_products_are_closed_likewise(client, products):
    answer = client.post(f"{PRODUCTS}/", {"action": "close_chosen", "_selected_action": [products[2].pk]})
    assert answer["Location"] == page_for(products[2:], supports=False)
    answer = decide(client, products[2:], supports=False)
    assert answer["Location"] == f"{PRODUCTS}/{products[2].pk}/change/"
    assert supported() == [False, False, False]


def test_the_products_own_page_has_the_button(client, products):
    assert page_for(products[:1]) in client.get(f"{PRODUCTS}/{products[0].pk}/change/").text
    assert page_for(products[2:], supports=False) in client.get(f"{PRODUCTS}/{products[2].pk}/change/").text


def test_orders_can_be_contracted_from_then_on_and_no_longer_once_closed(issuer, products):
    actor = factories.member()
    first, second = (factories.PaidOrderFactory(account=actor.account, product=products[0]) for _ in range(2))

    def apply(order):
        return apply_for_contract(type="order", order_numbers=[order.number], by=actor)

    with pytest.raises(Refused, match="does not support electronic contracts"):
        apply(first)
    open_products(products=products, supports=True, by=opener())
    draft = apply(first)
    open_products(products=products, supports=False, by=opener())
    with pytest.raises(Refused, match="does not support electronic contracts"):
        apply(second)
    assert convert_to_official(contract=draft, by=actor).status == "official"  # it keeps what it says


def test_the_effect_counts_the_orders_that_matter(issuer):
    product, other = factories.ProductFactory.create_batch(2)
    actor = factories.member()
    mine = {"product": product, "account": actor.account}
    paid = factories.PaidOrderFactory.create_batch(3, **mine)
    unpaid = factories.OrderFactory.create_batch(2, **mine)
    factories.OrderFactory(**mine, ordered_at=timezone.now() - timedelta(days=8))
    factories.PaidOrderFactory(product=other)
    apply_for_contract(type="order", order_numbers=[order.number for order in paid[:2]], by=actor)
    void_draft(contract=apply_for_contract(type="order", order_numbers=[paid[2].number], by=actor), by=actor)
    apply_for_contract(type="payment_request", order_numbers=[unpaid[0].number], by=actor)
    [effect, nothing] = count_effects([product, other], now=timezone.now())
    assert (effect.paid, effect.unpaid, effect.held) == (3, 2, 3)
    assert (nothing.paid, nothing.unpaid, nothing.held) == (1, 0, 0)


@pytest.mark.rule("R10")
@pytest.mark.rule("R21")
def test_what_has_lapsed_counts_for_nothing_whatever_the_clock_did(issuer, clock):
    product = factories.ProductFactory()
    actor = factories.member()
    order = factories.OrderFactory(product=product, account=actor.account)
    apply_for_contract(type="payment_request", order_numbers=[order.number], by=actor)
    clock.shift(timedelta(days=8))
    [effect] = count_effects([product], now=timezone.now())
    assert (effect.unpaid, effect.held) == (0, 0)


def test_the_page_shows_the_effect_and_for_which_nothing_changes(client, products):
    factories.PaidOrderFactory.create_batch(2, product=products[0])
    page = client.get(page_for(products))
    assert [effect.product for effect in page.context["effects"]] == products[:2]
    assert page.context["effects"][0].paid == 2
    assert page.context["already"] == [products[2]]
    nothing = client.get(page_for(products[2:]))
    assert "<button" not in nothing.text[nothing.text.index("office-decision") :]


def test_who_did_it_is_kept(products):
    by = opener()
    changed = open_products(products=products, supports=True, by=by)
    assert changed == products[:2]
    entries = LogEntry.objects.order_by("pk")
    assert [(e.user_id, e.object_id) for e in entries] == [(by.user_id, str(p.pk)) for p in products[:2]]
    assert {e.get_change_message() for e in entries} == {"Opened to electronic contracts."}
    page = client_of(staff("Auditor")).get(f"{PRODUCTS}/{products[0].pk}/history/")
    assert "Opened to electronic contracts." in page.text


def test_what_is_so_already_leaves_no_trace(products):
    assert open_products(products=products[2:], supports=True, by=opener()) == []
    assert not LogEntry.objects.exists()


def test_a_page_that_has_become_stale_changes_nothing(client, products):
    address = page_for(products[:2])
    seen = client.get(address).context["seen"]
    open_products(products=products[1:2], supports=True, by=opener())
    page = client.post(address, {"seen": seen})
    assert page.status_code == 409
    assert "This has changed since you opened the page" in page.text
    assert supported() == [False, True, True]
    assert decide(client, products[:2]).status_code == 302


@pytest.mark.parametrize("role", ["Finance", "Auditor"])
def test_others_have_no_button_and_are_refused(products, role):
    reader = client_of(staff(role))
    assert "open_chosen" not in reader.get(f"{PRODUCTS}/").text
    assert "/product/open/" not in reader.get(f"{PRODUCTS}/{products[0].pk}/change/").text
    assert reader.get(page_for(products)).status_code == 403
    assert reader.post(page_for(products), {"seen": ""}).status_code == 403
    reader.post(f"{PRODUCTS}/", {"action": "open_chosen", "_selected_action": [products[0].pk]})
    with pytest.raises(Refused) as caught:
        open_products(products=products, supports=True, by=staff_actor(staff(role), "orders.open_product"))
    assert caught.value.code == "permission_denied"
    assert supported() == [False, False, True]


@pytest.mark.parametrize("ids", ["", "x", "0", "1,", "-1", "²", "9" * 30, ",".join(["1"] * 51)])
def test_an_address_that_names_no_products_is_not_found(client, products, ids):
    assert client.get(f"{PRODUCTS}/open/?ids={ids}").status_code == 404


def test_more_than_a_page_shows_are_not_opened_at_once(client):
    factories.ProductFactory.create_batch(51)
    data = {"action": "close_chosen", "_selected_action": ["1"], "select_across": "1"}
    data["_selected_action"] = [str(pk) for pk in Product.objects.values_list("pk", flat=True)]
    page = client.post(f"{PRODUCTS}/", data, follow=True)
    assert "Choose at most 50 products at once." in page.text
    assert set(supported()) == {True}


def test_no_form_opens_a_product_or_changes_its_code(products):
    product = products[0]
    editor = staff()
    editor.user_permissions.set(Permission.objects.filter(codename__in=("view_product", "change_product")))
    data = {"name": "Renamed", "code": "other", "supports_contracts": "on", "_save": "Save"}
    for user in (editor, staff(is_superuser=True)):
        client_of(user).post(f"{PRODUCTS}/{product.pk}/change/", data)
        kept = Product.objects.get(pk=product.pk)
        assert (kept.name, kept.code, kept.supports_contracts) == ("Renamed", product.code, False)
    listed = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": product.pk, "_save": "Save"}
    client_of(staff(is_superuser=True)).post(f"{PRODUCTS}/", listed | {"form-0-supports_contracts": "on"})
    assert supported() == [False, False, True]


def test_a_new_product_begins_closed():
    client_of(staff(is_superuser=True)).post(
        f"{PRODUCTS}/add/", {"name": "New", "code": "new", "supports_contracts": "on", "_save": "Save"}
    )
    assert not Product.objects.get(code="new").supports_contracts


def test_names_from_outside_are_shown_as_they_are_written(client):
    product = factories.ProductFactory(name="<script>alert(1)</script>", supports_contracts=False)
    page = client.get(page_for([product]))
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
