"""One text policy: whichever door a text comes in by, page, document and API show the same."""

import pytest
from django.test import Client

from accounts.models import Account, PartyProfile
from billing.models import RemittanceAccount
from contracts.documents import files as documents
from contracts.models import Contract
from orders.models import Order, Product
from tests import factories
from tests.contracts.back_office.legal import superuser
from tests.contracts.pdf.reading import needs_poppler, pages_of_text, squeezed
from tests.orders.sheets import PAID, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SAME = {
    "gnp\u202e.exe\u202c Server": "gnp.exe Server",
    "\u2066Server\u2069\u200b 4\u200d GiB\ufeff": "Server 4 GiB",
    "\ufb01ve o\ufb03ces": "five offices",
    "\u2f45\u2f52云 1": "方氏云 1",
    "Cafe\u0301 Zu\u0308rich": "Café Zürich",
    "NBSP\u00a0and\u3000wide": "NBSP and wide",
    "Star\ufe0f plan\u00ad": "Star plan",
    "（云服务器）Ａ１": "（云服务器）Ａ１",
}


@pytest.fixture
def visit(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@needs_poppler
@pytest.mark.parametrize(("given", "shown"), SAME.items(), ids=ascii)
def test_of_an_order_from_a_file(given, shown, visit, api, membership, tmp_path):
    texts = {"product_name": given, "configuration": given, "region": given}
    run(sheet(tmp_path, PAID | texts | {"account": membership.account.number}), "--support-new-products")
    order = api.get(f"orders/{PAID['number']}/").json()
    assert (order["product"]["name"], order["configuration"], order["region"]) == (shown,) * 3

    answer = api.apply("order", PAID["number"], remarks=given, party_a={"contact": given, "address": given})

    contract = Contract.objects.get(number=answer.json()["number"])
    assert (answer.json()["remarks"], answer.json()["party_a"]["contact"]) == (shown, shown)
    assert visit.get(f"/orders/{PAID['number']}/").text.count(shown) >= 3
    page = visit.get(f"/contracts/{contract.number}/").text
    assert shown in page
    pdf = documents.read(documents.current(contract))
    assert squeezed("".join(pages_of_text(pdf, tmp_path, "-raw"))).count(squeezed(shown)) >= 5
    if given != shown:
        assert given not in page


@pytest.mark.parametrize(("given", "shown"), SAME.items(), ids=ascii)
def test_of_the_office_and_of_the_account_page(given, shown, visit, membership):
    office = superuser()
    office.post("/admin/orders/product/add/", {"name": given, "code": "ｅｃｓ\u200b–1"})
    assert Product.objects.values_list("name", "code").get() == (shown, "ecs-1")
    form = {"account": membership.account.pk, "payee": given, "bank": given, "account_number": "１２１９ 0000\u2013ab"}
    office.post("/admin/billing/remittanceaccount/add/", form)
    row = RemittanceAccount.objects.get()
    assert (row.payee, row.bank, row.account_number) == (shown, shown, "12190000AB")

    details = {
        "address": given,
        "contact": given,
        "phone": "＋86\u00a010\u20118000\u200b0000",
        "email": "finance@customer.example",
        "bank": given,
        "bank_account": "6222\u00a00000–1234",
        "tax_number": "91110000-600037341l",
    }
    assert visit.post("/account/details/", details).status_code == 302
    profile = PartyProfile.objects.get(account=membership.account)
    assert (profile.address, profile.contact, profile.bank) == (shown,) * 3
    assert (profile.phone, profile.bank_account, profile.tax_number) == (
        "+86 10-80000000",
        "622200001234",
        "91110000600037341L",
    )


def test_a_length_is_that_of_the_text_that_is_kept(visit):
    """Some characters become several: PostgreSQL would refuse what a form had counted before."""
    details = {"address": "\ufdfa" * 100, "contact": "\u200b" * 300 + "Li Lei", "phone": "1", "email": "a@b.example"}
    answer = visit.post("/account/details/", details)
    assert answer.status_code == 400
    assert set(answer.context["form"].errors) == {"address"}


def test_a_name_of_nothing_that_can_be_seen_is_none(visit, api, membership):
    details = {"address": "\u3164\u200b", "contact": "Li Lei", "phone": "1", "email": "a@b.example"}
    assert set(visit.post("/account/details/", details).context["form"].errors) == {"address"}
    order = factories.PaidOrderFactory(account=membership.account)
    [error] = api.apply("order", order, party_a={"contact": "\u3164"}).json()["errors"]
    assert error["pointer"] == "/party_a/contact"


@pytest.mark.parametrize("write", ["save", "bulk_create", "update"])
def test_rows_that_programs_write_are_kept_in_their_form(write):
    order = factories.PaidOrderFactory.build(
        account=factories.AccountFactory(number=" ２0000\u200b001"),
        product=factories.ProductFactory(),
        configuration="o\ufb03ce",
        number="ＦＯ–1",
    )
    order.set_deadline()
    if write == "bulk_create":
        Order.objects.bulk_create([order])
    else:
        order.save()
    if write == "update":
        Order.objects.update(configuration="o\ufb03ce", number="ＦＯ–1")
    assert Order.objects.values_list("number", "configuration").get(number="ＦＯ\u20101") == ("FO-1", "office")
    assert Account.objects.get(number="２0000001") == order.account
