"""The roles that every installation begins with, and what each may do: no less, no more."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from contracts.operations.demo.people import ROLES as DEMO_ROLES
from tests import factories
from tests.contracts.back_office.legal import member_of

pytestmark = pytest.mark.django_db

BUSINESS = {
    "accounts": {"account", "certificationrequest", "issuer", "membership", "partyprofile", "proposal"},
    "emails": {"notice"},
    "webhooks": {"webhookdelivery", "webhookendpoint"},
    "billing": {"ledgerentry", "remittanceaccount"},
    "orders": {"order", "product"},
    "contracts": {
        *(
            "auditevent",
            "batch",
            "clause",
            "clauseversion",
            "contract",
            "contractdocument",
            "contractorder",
            "sealuse",
            "voidticket",
        ),
    },
}
READ = {f"{app}.view_{model}" for app, models in BUSINESS.items() for model in models}
FINANCE = {
    "contracts.decide_voidticket",
    "accounts.decide_certificationrequest",
    "accounts.decide_proposal",
    "billing.book_remittance",
    "emails.send_notice_again",
    "billing.add_remittanceaccount",
    "billing.change_remittanceaccount",
}
LEGAL = {
    "accounts.decide_proposal",
    "contracts.change_clauseversion",
    "contracts.publish_clauseversion",
    "accounts.change_issuer",
    "accounts.publish_issuer",
    "orders.open_product",
}
SEES_STAFF = {"auth.view_user", "auth.view_group", "admin.view_logentry"}
ROLES = {
    "Finance": READ | FINANCE,
    "Legal": READ | LEGAL,
    "Auditor": READ | SEES_STAFF,
    "Integrators": {"orders.integrate", "accounts.integrate_accounts", "contracts.integrate_contracts"},
}


def permissions_of(name: str) -> set[str]:
    given = Permission.objects.filter(group__name=name).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in given}


def test_there_are_four():
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


@pytest.mark.parametrize("name", ROLES)
def test_a_role_may_do_exactly_this(name):
    assert permissions_of(name) == ROLES[name]


def test_an_auditor_reads_everything_in_the_back_office_and_changes_nothing():
    registered = {f"{model._meta.app_label}.view_{model._meta.model_name}" for model in admin.site._registry}
    assert registered - permissions_of("Auditor") == {"accounts.view_securityevent"}  # for superusers alone
    assert {codename.split(".")[1].split("_")[0] for codename in permissions_of("Auditor")} == {"view"}


@pytest.mark.parametrize("name", ["Finance", "Legal", "Auditor"])
def test_a_role_may_in_fact_what_its_group_says(name):
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    assert user.get_all_permissions() == ROLES[name]


def test_an_auditor_reads_who_the_staff_are_and_no_password():
    user, client = factories.UserFactory(is_staff=True), member_of("Auditor")
    page = client.get(f"/admin/auth/user/{user.pk}/change/").text
    assert user.username in page
    assert user.password not in page
    assert "/password/" not in page


def test_nobody_but_a_superuser_reads_tokens_or_selections():
    for name in ROLES:
        assert not {"accounts.view_apitoken", "contracts.view_selection"} & permissions_of(name)


class TestMigratingAgain:
    """After each `migrate` a role has at least its permissions, and what an operator did besides stays."""

    def test_changes_nothing_of_roles_as_they_are_shipped(self):
        call_command("migrate", verbosity=0)
        assert {name: permissions_of(name) for name in ROLES} == ROLES
        assert Group.objects.count() == len(ROLES)

    def test_keeps_what_an_operator_gave(self):
        given = Permission.objects.get(codename="add_product")
        own = Group.objects.create(name="Support")
        for group in (Group.objects.get(name="Finance"), own):
            group.permissions.add(given)
        member = factories.UserFactory(is_staff=True)
        member.groups.add(own, Group.objects.get(name="Finance"))

        call_command("migrate", verbosity=0)

        assert permissions_of("Finance") == ROLES["Finance"] | {"orders.add_product"}
        assert permissions_of("Support") == {"orders.add_product"}
        assert {group.name for group in member.groups.all()} == {"Support", "Finance"}

    def test_gives_back_what_a_role_must_have(self):
        Group.objects.get(name="Legal").permissions.clear()
        Group.objects.get(name="Auditor").delete()

        call_command("migrate", verbosity=0)

        assert {name: permissions_of(name) for name in ROLES} == ROLES


def test_the_demo_has_somebody_in_each():
    assert set(DEMO_ROLES.values()) == set(ROLES)
