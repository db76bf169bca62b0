"""Accounts and members by API, for integrators whose token has the scope `accounts` (R49)."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from accounts.models import Account, ApiToken, CertificationRequest, Membership, PartyProfile, SecurityEvent
from contracts.services import convert_to_official
from emails.models import Notice
from tests.api.conformance import problem
from tests.conftest import Api
from tests.emails.mail import acting
from tests.factories import AccountFactory, UserFactory, draft, member

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R49"), pytest.mark.usefixtures("clock")]
NEW = {"number": "A-1", "name": "Harbour Light Trading Co., Ltd.", "currency": "CNY"}
PARTY = {"address": "1 Quay", "contact": "Mei", "phone": "+44 117 496 0188", "email": "contracts@harbour.example"}
PERSON = {"username": "mei", "email": "mei@harbour.example"}


def integrator(**scopes) -> Api:
    user = UserFactory()
    user.groups.add(Group.objects.get(name="Integrators"))
    api = Api()
    api.client.defaults["HTTP_AUTHORIZATION"] = f"Token {ApiToken.for_integrator(user, **scopes)[1]}"
    return api


@pytest.fixture
def vendor() -> Api:
    return integrator()


def put_members(vendor: Api, *roles: str) -> list[str]:
    """Add a member of each role to account A-1 and return their user names."""
    names = [f"user-{i}" for i, _role in enumerate(roles)]
    for name, role in zip(names, roles, strict=True):
        person = {"username": name, "email": f"{name}@harbour.example", "role": role}
        assert vendor.post("accounts/A-1/members/", person).status_code == 201
    return names


class TestAccounts:
    def test_one_is_created_and_read(self, vendor):
        created = vendor.post("accounts/", {**NEW, "party_a": PARTY})
        assert created.status_code == 201
        read = vendor.get("accounts/A-1/").json()
        assert read == created.json()
        assert (read["name"], read["certification"], read["currency"]) == (NEW["name"], "enterprise", "CNY")
        assert read["party_a"]["contact"] == "Mei"
        assert [row["number"] for row in vendor.get("accounts/").json()["results"]] == ["A-1"]

    def test_its_certification_is_recorded_as_verified_elsewhere(self, vendor):
        vendor.post("accounts/", {**NEW, "credit_code": "91110000600037341L"})
        record = CertificationRequest.objects.get()
        assert (record.status, record.name, record.is_verified_elsewhere) == ("approved", NEW["name"], True)
        assert (record.requested_by, record.credit_code) == (ApiToken.objects.get().user, "91110000600037341L")
        [event] = SecurityEvent.objects.filter(kind="account_written")
        assert (event.user, event.detail) == (record.requested_by, "account A-1: created")

    def test_a_person_and_an_uncertified_one(self, vendor):
        assert vendor.post("accounts/", {**NEW, "kind": "personal"}).json()["certification"] == "personal"
        uncertified = vendor.post("accounts/", {"number": "A-2", "currency": "USD", "kind": "none"}).json()
        assert (uncertified["name"], uncertified["certification"]) == ("", "none")
        assert CertificationRequest.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "pointers"),
        [
            ({"number": ""}, ["/number"]),
            ({"number": "a/b"}, ["/number"]),
            ({"number": "x" * 33}, ["/number"]),
            ({"name": ""}, ["/name"]),
            ({"currency": "XXX"}, ["/currency"]),
            ({"kind": "company"}, ["/kind"]),
            ({"kind": "none"}, ["/name"]),
            ({"kind": "personal", "credit_code": "91110000600037341L"}, ["/credit_code"]),
            ({"credit_code": "123"}, ["/credit_code"]),
            ({"time_zone": "Mars/North"}, ["/time_zone"]),
            ({"party_a": {**PARTY, "email": "none", "phone": ""}}, ["/party_a/phone", "/party_a/email"]),
            ({"party_a": {"fax": "1"}}, ["/party_a/fax"]),
            ({"owner": {"username": "a b", "email": "a@b.example"}}, ["/owner/username"]),
            ({"owner": {"username": "mei", "email": "none"}}, ["/owner/email"]),
            ({"colour": "red"}, ["/colour"]),
        ],
    )
    def test_each_wrong_value_is_named(self, vendor, wrong, pointers):
        body = problem(vendor.post("accounts/", NEW | wrong), 400, "invalid")
        assert [error["pointer"] for error in body["errors"]] == pointers
        assert not Account.objects.exists()
        assert not get_user_model().objects.filter(username="mei").exists()

    def test_a_known_number_is_not_created_again(self, vendor):
        vendor.post("accounts/", NEW)
        for number in ("A-1", "a-1"):
            problem(vendor.post("accounts/", {**NEW, "number": number, "name": "Other"}), 409, "transition_not_allowed")
        assert Account.objects.get().certified_name == NEW["name"]

    def test_it_is_changed_member_by_member(self, vendor):
        vendor.post("accounts/", {**NEW, "party_a": PARTY})
        changed = vendor.patch("accounts/A-1/", {"name": "Harbour Ltd.", "party_a": {"contact": "Li"}}).json()
        assert (changed["name"], changed["party_a"]["contact"], changed["party_a"]["phone"]) == (
            "Harbour Ltd.",
            "Li",
            PARTY["phone"],
        )
        assert SecurityEvent.objects.latest("pk").detail == "account A-1: updated (certified_name, contact)"
        events = SecurityEvent.objects.count()
        assert vendor.patch("accounts/A-1/", {"name": "Harbour Ltd."}).status_code == 200
        assert SecurityEvent.objects.count() == events
        names = CertificationRequest.objects.order_by("pk").values_list("name", flat=True)
        assert list(names) == [NEW["name"], "Harbour Ltd."]

    def test_its_currency_stays(self, vendor):
        vendor.post("accounts/", NEW)
        assert vendor.patch("accounts/A-1/", {"currency": "CNY"}).status_code == 200
        body = problem(vendor.patch("accounts/A-1/", {"currency": "USD"}), 409, "transition_not_allowed")
        assert body["errors"][0]["pointer"] == "/currency"

    @pytest.mark.rule("R22")
    def test_a_draft_under_another_name_does_not_become_official(self, vendor, issuer):
        actor = member()
        contract = draft(actor)
        vendor.patch(f"accounts/{actor.account.number}/", {"name": "Harbour Ltd."})
        with pytest.raises(Exception, match="name"):
            convert_to_official(contract=contract, by=actor)

    def test_a_certification_is_removed(self, vendor):
        vendor.post("accounts/", NEW)
        assert vendor.patch("accounts/A-1/", {"kind": "none"}).json()["name"] == ""
        assert vendor.patch("accounts/A-1/", {"name": "Harbour Ltd."}).json()["certification"] == "enterprise"

    def test_an_unknown_one_is_not_found(self, vendor):
        for answer in (
            vendor.get("accounts/none/"),
            vendor.patch("accounts/none/", {}),
            vendor.get("accounts/none/members/"),
        ):
            problem(answer, 404, "not_found")

    def test_the_owner_gets_a_user_and_a_link(self, vendor):
        vendor.post("accounts/", {**NEW, "owner": PERSON})
        owner = Membership.objects.get()
        assert (owner.user.username, owner.user.email, owner.role) == ("mei", PERSON["email"], "owner")
        assert not owner.user.check_password("")
        assert list(Notice.objects.values_list("kind", "user")) == [("member_added", owner.user_id)]


class TestImport:
    ROWS = [
        {**NEW, "party_a": PARTY, "owner": PERSON},
        {"number": "A-2", "name": "李雷", "currency": "CNY", "kind": "personal"},
        {"number": "A-3", "name": "Pine Ridge Ltd.", "currency": "USD", "owner": PERSON},
    ]

    def outcomes(self, vendor, rows) -> list[str]:
        return [row["outcome"] for row in vendor.post("accounts/import/", {"accounts": rows}).json()["results"]]

    def test_the_same_accounts_again_change_nothing(self, vendor):
        assert self.outcomes(vendor, self.ROWS) == ["created"] * 3
        before = [list(model.objects.order_by("pk").values()) for model in (Account, Membership, PartyProfile, Notice)]
        events = SecurityEvent.objects.count()
        assert self.outcomes(vendor, self.ROWS) == ["unchanged"] * 3
        after = [list(model.objects.order_by("pk").values()) for model in (Account, Membership, PartyProfile, Notice)]
        assert (after, SecurityEvent.objects.count()) == (before, events)
        assert get_user_model().objects.filter(username="mei").count() == 1

    def test_what_changed_is_updated(self, vendor):
        self.outcomes(vendor, self.ROWS)
        changed = {**self.ROWS[0], "name": "Harbour Ltd."}
        assert self.outcomes(vendor, [changed, *self.ROWS[1:]]) == ["updated", "unchanged", "unchanged"]
        assert Account.objects.get(number="A-1").certified_name == "Harbour Ltd."

    def test_the_owner_in_the_file_is_ignored_while_there_is_one(self, vendor):
        self.outcomes(vendor, self.ROWS)
        other = {**self.ROWS[0], "owner": {"username": "li", "email": "li@harbour.example"}}
        assert self.outcomes(vendor, [other]) == ["unchanged"]
        assert not get_user_model().objects.filter(username="li").exists()

    def test_each_succeeds_or_fails_by_itself(self, vendor):
        acting("taken@else.example")
        rows = [
            self.ROWS[0],
            {"number": "A-2"},
            "nonsense",
            {**NEW, "name": "Twice"},
            {**NEW, "number": "A-4", "owner": {"username": "new", "email": "TAKEN@else.example"}},
            {**NEW, "number": "A-5", "owner": {**PERSON, "email": "other@harbour.example"}},
        ]
        results = vendor.post("accounts/import/", {"accounts": rows}).json()["results"]
        assert [row["outcome"] for row in results] == ["created", *["failed"] * 5]
        pointers = [[error["pointer"] for error in row["errors"]] for row in results]
        assert pointers == [
            [],
            ["/accounts/1/currency"],
            ["/accounts/2"],
            ["/accounts/3/number"],
            ["/accounts/4/owner/email"],
            ["/accounts/5/owner/username"],
        ]
        assert list(Account.objects.filter(number__startswith="A").values_list("number", flat=True)) == ["A-1"]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [({}, "/accounts"), ({"accounts": [{}] * 1001}, "/accounts"), ({"accounts": [], "dry": True}, "/dry")],
    )
    def test_a_wrong_body_is_refused_whole(self, vendor, body, pointer):
        answer = problem(vendor.post("accounts/import/", body), 400, "invalid")
        assert answer["errors"][0]["pointer"] == pointer

    def test_the_number_of_statements_does_not_depend_on_the_number_of_accounts(
        self, vendor, django_assert_num_queries, django_assert_max_num_queries
    ):
        def rows(first: int, count: int) -> dict:
            return {
                "accounts": [
                    {
                        **NEW,
                        "number": f"B-{i}",
                        "party_a": PARTY,
                        "owner": {"username": f"b{i}", "email": f"b{i}@harbour.example"},
                    }
                    for i in range(first, first + count)
                ]
            }

        vendor.get("accounts/")
        for first, count in ((0, 1), (1, 50)):
            with django_assert_max_num_queries(20):
                vendor.post("accounts/import/", rows(first, count))
        assert Membership.objects.count() == 51


class TestMembers:
    @pytest.fixture(autouse=True)
    def _account(self, vendor):
        vendor.post("accounts/", NEW)

    def test_one_is_added_changed_and_removed(self, vendor):
        added = vendor.post("accounts/A-1/members/", {**PERSON, "role": "finance"})
        assert (added.status_code, added.json()) == (
            201,
            {**PERSON, "role": "finance", "may_approve": False, "is_active": True},
        )
        assert vendor.get("accounts/A-1/members/").json()["results"] == [added.json()]
        put_members(vendor, "owner")
        assert vendor.patch("accounts/A-1/members/mei/", {"may_approve": True}).json()["may_approve"] is True
        assert vendor.patch("accounts/A-1/members/mei/", {"role": "viewer"}).json()["role"] == "viewer"
        assert vendor.client.delete("/api/v1/accounts/A-1/members/mei/").status_code == 204
        assert [row["username"] for row in vendor.get("accounts/A-1/members/").json()["results"]] == ["user-0"]
        assert list(
            SecurityEvent.objects.filter(kind="role_changed", about__username="mei").values_list("detail", flat=True)[
                ::-1
            ]
        ) == [
            "account A-1: finance, added",
            "account A-1: finance, approver",
            "account A-1: viewer",
            "account A-1: removed",
        ]
        of_mei = Notice.objects.filter(user__username="mei").order_by("pk").values_list("kind", flat=True)
        assert list(of_mei) == ["member_added", "role_changed", "role_changed", "member_removed"]

    def test_a_person_is_in_several_accounts(self, vendor):
        elsewhere = acting("li@harbour.example", user__username="li")
        vendor.post("accounts/A-1/members/", {"username": "LI", "email": "Li@harbour.example", "role": "owner"})
        assert elsewhere.user.memberships.count() == 2

    @pytest.mark.parametrize(
        ("person", "status", "code", "pointer"),
        [
            ({"username": "li", "email": "other@harbour.example"}, 409, "transition_not_allowed", "/username"),
            ({"username": "new", "email": "LI@harbour.example"}, 409, "transition_not_allowed", "/email"),
            ({"username": "gone", "email": "gone@harbour.example"}, 409, "transition_not_allowed", "/username"),
            ({"username": "a b", "email": "new@harbour.example"}, 400, "invalid", "/username"),
            ({"username": "new", "email": "new"}, 400, "invalid", "/email"),
            ({"username": "new", "email": "new@harbour.example", "role": "boss"}, 400, "invalid", "/role"),
            ({"username": "user-0", "email": "user-0@harbour.example"}, 409, "transition_not_allowed", "/username"),
        ],
    )
    def test_a_wrong_one_is_refused_at_its_field(self, vendor, person, status, code, pointer):
        put_members(vendor, "owner")
        acting("li@harbour.example", user__username="li")
        acting("gone@harbour.example", user__username="gone", user__is_active=False)
        body = problem(vendor.post("accounts/A-1/members/", {"role": "viewer", **person}), status, code)
        assert body["errors"][0]["pointer"] == pointer
        assert Account.objects.get(number="A-1").memberships.count() == 1
        assert not get_user_model().objects.filter(username="new").exists()

    def test_the_last_owner_stays(self, vendor):
        [name] = put_members(vendor, "owner")
        path = f"accounts/A-1/members/{name}/"
        problem(vendor.patch(path, {"role": "viewer"}), 409, "transition_not_allowed")
        problem(vendor.client.delete(f"/api/v1/{path}"), 409, "transition_not_allowed")
        assert Membership.objects.get().role == "owner"

    def test_owners_are_told_of_a_new_member(self, vendor):
        put_members(vendor, "owner", "viewer")
        owner = Membership.objects.get(role="owner").user_id
        assert list(Notice.objects.filter(kind="member_joined").values_list("user", flat=True)) == [owner]


class TestWhoMay:
    CALLS = [("get", "accounts/"), ("post", "accounts/"), ("post", "accounts/import/")]

    @pytest.mark.rule("R26")
    def test_a_scope_allows_its_own_calls_alone(self):
        orders, accounts = integrator(scopes=["orders"]), integrator(scopes=["accounts"])
        for method, path in self.CALLS:
            problem(getattr(orders, method)(path), 403, "permission_denied")
        assert accounts.get("accounts/").status_code == orders.get("orders/").status_code == 200
        problem(accounts.get("orders/"), 403, "permission_denied")
        problem(accounts.post("orders/import/", {"orders": []}), 403, "permission_denied")

    @pytest.mark.rule("R26")
    def test_a_scope_without_its_permission_allows_nothing(self):
        api = integrator()
        Group.objects.get(name="Integrators").permissions.remove(
            *Group.objects.get(name="Integrators").permissions.filter(codename="integrate_accounts")
        )
        problem(api.get("accounts/"), 403, "permission_denied")
        assert api.get("orders/").status_code == 200

    @pytest.mark.rule("R45")
    def test_nobody_changes_an_account_that_they_are_a_member_of(self, vendor):
        account = AccountFactory()
        Membership.objects.create(user=ApiToken.objects.get().user, account=account, role="viewer")
        person = {**PERSON, "role": "owner"}
        problem(vendor.patch(f"accounts/{account.number}/", {"name": "Mine"}), 403, "permission_denied")
        problem(vendor.post(f"accounts/{account.number}/members/", person), 403, "permission_denied")
        assert Account.objects.get(pk=account.pk).certified_name == account.certified_name
