"""Each role makes its decisions and no others: no button to them, 403 when sent all the same, and nothing changes."""

import logging

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db.models import Model
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from accounts.models import Account, Issuer
from billing.models import RemittanceAccount
from orders.models import Product
from tests import factories
from tests.contracts.back_office.marks import Marks
from tests.contracts.back_office.office import ROLES, STAFF, is_open, open_office, someone
from tests.contracts.back_office.walk import Address, addresses, routes
from tests.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "issuer")]

FINANCE, LEGAL, READERS, SUPERUSER = {"Finance"}, {"Legal"}, {"Finance", "Legal", "Auditor"}, set[str]()
DECISIONS = {
    "contracts_voidticket_approve": FINANCE,
    "contracts_voidticket_reject": FINANCE,
    "accounts_certificationrequest_approve": FINANCE,
    "accounts_certificationrequest_reject": FINANCE,
    "accounts_proposal_confirm": FINANCE,
    "accounts_proposal_reject": FINANCE,
    "billing_ledgerentry_book": FINANCE,
    "billing_ledgerentry_statement": FINANCE,
    "billing_ledgerentry_reverse": FINANCE,
    "emails_notice_send-again": FINANCE,
    "contracts_clauseversion_prepare": LEGAL,
    "contracts_clauseversion_publish": LEGAL,
    "contracts_clauseversion_discard": LEGAL,
    "accounts_issuer_prepare": LEGAL,
    "accounts_issuer_publish": LEGAL,
    "accounts_issuer_discard": LEGAL,
    "orders_product_open": LEGAL,
    "orders_product_close": LEGAL,
    "contracts_contract_check": READERS,
    "saved_filters": READERS,
}
"""All that is decided by a POST of its own → the roles that may, besides superusers."""
FORMS = {
    "billing_remittanceaccount_add": FINANCE,
    "billing_remittanceaccount_change": FINANCE,
    "contracts_clauseversion_change": LEGAL,
    "accounts_issuer_change": LEGAL,
    "accounts_account_add": SUPERUSER,
    "accounts_account_change": SUPERUSER,
    "orders_product_add": SUPERUSER,
    "orders_product_change": SUPERUSER,
    "auth_user_add": SUPERUSER,
    "auth_user_change": SUPERUSER,
    "auth_user_delete": SUPERUSER,
    "auth_user_password_change": SUPERUSER,
    "auth_group_add": SUPERUSER,
    "auth_group_change": SUPERUSER,
    "auth_group_delete": SUPERUSER,
}
"""Rows that are edited in forms. What is in neither table nobody adds, changes or deletes, superusers included."""
READ = {
    *("accounts_certificationrequest_licence", "accounts_certificationrequest_licence_picture"),
    *("contracts_contract_document", "contracts_contract_page", "accounts_account_customer"),
    "contracts_contract_evidence",
    *("contracts_contract_export", "contracts_auditevent_export", "orders_order_export", "billing_ledgerentry_export"),
    *("month_close", "export", "export_file"),
    *("contracts_clauseversion_preview", "contracts_clauseversion_preview_page"),
    *("accounts_issuer_preview", "accounts_issuer_preview_page"),
}
"""Addresses that show something, and that nothing is sent to."""
EVERYONES = {
    *("index", "login", "logout", "password_change", "password_change_done"),
    *("autocomplete", "jsi18n", "view_on_site", "app_list", ""),
}
OF_EVERY_MODEL = ("changelist", "history")
WAYS = ("add", "change", "delete")
CHANGES_NOTHING = {"contracts_contract_check"}
ONCE_FILTERED = {"saved_filters"}
"""Offered by a list that is filtered; `tests/accounts/test_saved_filters.py` filters them."""
FIRST = {
    "billing_ledgerentry_book": {"amount": "100.00", "currency": "CNY", "bank_reference": "CMB-3"},
    "billing_ledgerentry_statement": {},
}
"""Of what is sent twice: what is sent first, to be answered by a page that shows what would happen."""
PASSWORD = {"password1": "seven-long-words", "password2": "seven-long-words"}
GIVEN = {
    "contracts_clauseversion_prepare": {"type": "payment_request"},
    "saved_filters": {"list": "contracts.contract", "name": "Drafts", "query": "status=draft"},
    "contracts_clauseversion_change": {"clauses-0-text_en": "Changed."},
    "accounts_issuer_change": {"name": "云帆二号"},
    "accounts_account_add": {"number": "30000001"},
    "accounts_account_change": {"time_zone": "Europe/London"},
    "billing_remittanceaccount_add": {"payee": "云帆", "bank": "招商银行", "account_number": "12190000999977777777"},
    "billing_remittanceaccount_change": {"bank": "中国银行"},
    "orders_product_add": {"code": "new", "name": "New"},
    "orders_product_change": {"name": "Renamed"},
    "auth_user_add": {"username": "new", **PASSWORD},
    "auth_user_change": {"first_name": "New"},
    "auth_user_password_change": {**PASSWORD},
    "auth_group_add": {"name": "New"},
    "auth_group_change": {"name": "Renamed"},
}
"""What is put into a form besides what it holds; into every one a note."""


def matrix() -> dict[str, set[str]]:
    """Every address that something is sent to → the roles that may."""
    may = {name_for(model, way): set[str]() for model in admin.site._registry for way in WAYS}
    may |= {name: {*roles, "superuser"} for name, roles in FORMS.items()}
    return may | {name: {*roles, "superuser"} for name, roles in DECISIONS.items()}


def name_for(model: type[Model], way: str) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_{way}"


def targets() -> dict[str, str]:
    """An address for each name, of a row about which it can be decided."""
    found: dict[str, Address] = {}
    for each in addresses(nobodys=False):
        before = found.setdefault(each.name, each)
        if each.row and is_open(each.row) and not (before.row and is_open(before.row)):
            found[each.name] = each
    urls = {name: address.url for name, address in found.items()}
    for name, supports in (("open", False), ("close", True)):
        urls[f"orders_product_{name}"] += f"?ids={Product.objects.filter(supports_contracts=supports)[0].pk}"
    return urls


def rows() -> dict[str, list]:
    """The whole database but for who is signed in."""
    models = [model for model in apps.get_models() if model is not Session]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def body_for(name: str, url: str) -> dict:
    """What a superuser's browser would send there."""
    client, filled = someone("superuser"), {"post": "yes"}
    page = client.post(url, FIRST[name] | money()) if name in FIRST else client.get(url)
    for form in Marks(page.text).forms if page.status_code == 200 else ():
        if form.method == "post" and not form.action:
            filled |= form.fields
    if name == "billing_remittanceaccount_add":
        filled |= {"account": Account.objects.get(remittance_account=None, contracts=None, memberships=None).pk}
    return filled | {"note": "Because", "_save": "Save"} | GIVEN.get(name, {})


def money() -> dict:
    """For whom money is booked by hand, and a bank statement."""
    paid_to = RemittanceAccount.objects.get()
    lines = f"bank_reference,remittance_account,amount,currency\nCMB-4,{paid_to.account_number},100.00,CNY\n"
    return {"account": paid_to.account.number, "file": ContentFile(lines.encode(), "statement.csv")}


@pytest.fixture
def office(caplog) -> None:
    caplog.set_level(logging.ERROR, "django")  # what is refused is expected here
    open_office()
    factories.AccountFactory()
    factories.UserFactory()  # of whom nothing is kept


def test_every_address_of_the_back_office_is_in_the_matrix():
    standard = {
        f"{m._meta.app_label}_{m._meta.model_name}_{way}" for m in admin.site._registry for way in OF_EVERY_MODEL
    }
    decided = {
        f"{m._meta.app_label}_{m._meta.model_name}_{decision.name}"
        for m, model_admin in admin.site._registry.items()
        for decision in getattr(model_admin, "decisions", ())
    }
    assert decided <= DECISIONS.keys()
    assert {name for name, _ in routes()} == matrix().keys() | READ | EVERYONES | standard


@pytest.mark.rule("R5")
@pytest.mark.rule("R26")
def test_a_role_does_what_it_may_and_is_refused_the_rest(office, subtests):
    urls, may = targets(), matrix()
    bodies = {name: body_for(name, urls[name]) for name in may}
    for role in ROLES:
        client = someone(role)
        session, before = client.cookies, rows()
        with undone():
            for name in (name for name in may if role not in may[name]):
                with subtests.test(f"{role} is refused {name}"):
                    client.cookies = session.copy()
                    assert is_refused(client.post(urls[name], bodies[name]), role)
            with subtests.test(f"{role} has changed nothing that was refused"):
                assert rows() == before
        for name in (name for name in may if role in may[name]):
            with subtests.test(f"{role} may {name}"), undone():
                client.cookies = session.copy()
                if name == "accounts_issuer_prepare":  # there is one already, which would only be opened
                    Issuer.objects.filter(published_at=None).delete()
                before_it = rows() if name == "accounts_issuer_prepare" else before
                answer = client.post(urls[name], bodies[name])
                assert answer.status_code in (200, 302)
                assert not is_refused(answer, role)
                assert (rows() == before_it) == (name in CHANGES_NOTHING)


def is_refused(answer: HttpResponse, role: str) -> bool:
    """True if staff get 403, and anybody else is sent to the page that signs staff in."""
    if role in STAFF:
        return answer.status_code == 403
    return answer.status_code == 302 and answer["Location"].startswith("/admin/login/")


def test_neither_is_the_page_shown_that_asks(office, subtests):
    urls = targets()
    for role in ROLES:
        client = someone(role)
        for name in (name for name, roles in DECISIONS.items() if role not in {*roles, "superuser"}):
            with subtests.test(f"{role} {name}"):
                assert is_refused(client.get(urls[name]), role)


@pytest.mark.exhaustive
@pytest.mark.parametrize("role", STAFF)
def test_a_page_leads_to_what_the_role_may_do_and_to_nothing_else(office, role):
    client, may = someone(role), matrix()
    shown: set[str] = set()
    for address in addresses(nobodys=False):
        page = client.get(address.url) if address.name not in READ else HttpResponse(status=204)
        if page.status_code == 200 and page["Content-Type"].startswith("text/html"):
            marks = Marks(page.text)
            shown |= {name_of(path) for path in marks.leads_to(address.url)}
            if saves(marks):
                assert role in may[address.name], f"{address.url} has a button to save"
    mine = {name for name in may if role in may[name]}
    read_there_too = {name_for(model, "change") for model in admin.site._registry}
    hidden = may.keys() - mine - read_there_too
    assert shown & hidden == set()
    assert DECISIONS.keys() & mine <= shown | ONCE_FILTERED


@pytest.mark.parametrize(
    "role", ["Legal", *(pytest.param(role, marks=pytest.mark.exhaustive) for role in STAFF if role != "Legal")]
)
def test_a_list_offers_the_actions_that_the_role_may_take_and_takes_no_others(office, role):
    client, before = someone(role), rows()
    for address in addresses(nobodys=False):
        if not address.name.endswith("_changelist"):
            continue
        page = client.get(address.url)
        offered = {given.get("value") for tag, given in Marks(page.text).all if tag == "option"} & ACTIONS.keys()
        assert offered == {name for name in ACTIONS if role in ACTIONS[name].get(address.name, ())}
        ids = list(address.model._base_manager.values_list("pk", flat=True))
        for action in ACTIONS.keys() - offered:
            client.post(address.url, {"action": action, "_selected_action": ids, "post": "yes", "index": "0"})
    assert rows() == before


ACTIONS = {
    "delete_selected": {"auth_user_changelist": {"superuser"}, "auth_group_changelist": {"superuser"}},
    "open_chosen": {"orders_product_changelist": {"Legal", "superuser"}},
    "close_chosen": {"orders_product_changelist": {"Legal", "superuser"}},
}


def test_the_actions_of_lists_are_all_known():
    given = {action[1] for model_admin in admin.site._registry.values() for action in model_admin._get_base_actions()}
    assert given == ACTIONS.keys()


def saves(marks: Marks) -> bool:
    return any(name.startswith("_save") for form in marks.forms for name, _ in form.buttons)


def name_of(path: str) -> str:
    """The name of the address in the back office; "" for others."""
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    return found.url_name or "" if found.app_name == "admin" else ""
