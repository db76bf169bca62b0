"""The queue of requests for certification, as finance staff see and decide it (R11)."""

import pytest

from accounts.certification.requests import approve_certification, reject_certification
from accounts.models import Account, CertificationRequest
from tests import factories
from tests.billing.bookkeeping import CODE, HOSTILE, REQUESTS, asked, client_of, decider, holder_of, seen_on, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.rule("R11")]
SIGNING_IN = 4
"""Session, user, and the permissions of the user and of the groups."""


@pytest.fixture
def client():
    return client_of(somebody("Finance"))


def page_of(request, name="change") -> str:
    return f"{REQUESTS}/{request.pk}/{name}/"


def decide(client, request, name, **given):
    address = page_of(request, name)
    return client.post(address, {"seen": seen_on(client.get(address)), **given}, follow=True)


def status_of(request):
    return CertificationRequest.objects.get(pk=request.pk).status


def listed(page):
    return [row.pk for row in page.context["cl"].result_list]


def test_the_list_opens_on_what_waits_the_oldest_first(client):
    first, second, third = (asked() for _ in range(3))
    reject_certification(request=second, note="No", by=decider())
    assert listed(client.get(f"{REQUESTS}/")) == [first.pk, third.pk]
    assert listed(client.get(f"{REQUESTS}/?status=rejected")) == [second.pk]
    assert listed(client.get(f"{REQUESTS}/?status=all")) == [third.pk, second.pk, first.pk]


def test_requests_are_found_by_account_and_by_code(client):
    mine, _other = asked(), asked(kind="personal", name="王小明", credit_code="")
    assert listed(client.get(f"{REQUESTS}/?q={mine.account.number}")) == [mine.pk]
    assert listed(client.get(f"{REQUESTS}/?q= {CODE.lower()} ")) == [mine.pk]
    assert listed(client.get(f"{REQUESTS}/?q={mine.account.number[:-1]}")) == []


def test_the_page_sets_what_is_asked_beside_what_holds(client):
    account = factories.AccountFactory(certified_name="Old Name Ltd.", certification="enterprise")
    text = client.get(page_of(asked(account, name="New Name Ltd."))).text
    for shown in (
        "Old Name Ltd.",
        "New Name Ltd.",
        CODE,
        "Check character is correct",
        "Approve and certify",
        "Reject and leave",
    ):
        assert shown in text


def test_other_accounts_of_the_same_code_are_named(client):
    twin = factories.AccountFactory(credit_code=CODE, certified_name="Twin Ltd.")
    factories.AccountFactory(credit_code="", certified_name="Stranger Ltd.")
    text = client.get(page_of(asked())).text
    assert "Other accounts are certified under the same credit code" in text
    assert f"{twin.number}</a> Twin Ltd." in text
    assert "Stranger Ltd." not in text


def test_approving_goes_over_a_page_that_says_what_will_happen(client):
    request = asked()
    page = client.get(page_of(request, "approve"))
    assert f"Account {request.account.number} is certified as “<strong>{request.name}</strong>”." in page.text
    assert status_of(request) == "pending"
    answer = decide(client, request, "approve")
    assert answer.redirect_chain == [(page_of(request), 302)]
    assert f"Certification request {request.pk} was approved. The account is now certified." in answer.text
    assert Account.objects.get(pk=request.account_id).certified_name == request.name


def test_the_customer_reads_the_note_of_a_rejection_on_their_page(client):
    request = asked()
    decide(client, request, "reject", note="The licence is of another company.")
    assert status_of(request) == "rejected"
    assert "The licence is of another company." in client_of(request.requested_by).get("/account/certification/").text


def test_a_rejection_without_a_note_stays_on_the_page(client):
    request = asked()
    answer = decide(client, request, "reject", note=" ")
    assert answer.status_code == 400
    assert 'id="id_note_error"' in answer.text
    assert status_of(request) == "pending"


def test_a_decision_on_a_page_that_has_become_stale_is_refused(client):
    request = asked()
    seen = seen_on(client.get(page_of(request, "approve")))
    Account.objects.filter(pk=request.account_id).update(certification="personal", certified_name="王小明")
    answer = client.post(page_of(request, "approve"), {"seen": seen, "note": "Typed already"})
    assert answer.status_code == 409
    assert "This has changed since you opened the page" in answer.text
    assert "Typed already" in answer.text
    assert status_of(request) == "pending"


def test_what_a_colleague_decided_meanwhile_is_said(client):
    request = asked()
    seen = seen_on(client.get(page_of(request, "reject")))
    approve_certification(request=request, by=decider())
    answer = client.post(page_of(request, "reject"), {"seen": seen, "note": "Late"}, follow=True)
    assert "This request has already been decided: approved." in answer.text
    assert status_of(request) == "approved"


def test_one_who_asked_sees_no_button_and_cannot_decide_it():
    request = asked()
    own = somebody("Finance")
    CertificationRequest.objects.update(requested_by=own)
    client = client_of(own)
    text = client.get(page_of(request)).text
    assert "You made this request yourself" in text
    assert page_of(request, "approve") not in text
    for name in ("approve", "reject"):
        assert 'name="note"' not in client.get(page_of(request, name)).text
        assert decide(client, request, name, note="Mine").status_code == 403
    assert status_of(request) == "pending"


@pytest.mark.parametrize("name", ["approve", "reject"])
def test_those_who_only_read_see_no_button_and_get_403(name):
    request = asked()
    for reader in (
        client_of(somebody("Auditor")),
        client_of(somebody("Legal")),
        holder_of("view_certificationrequest"),
    ):
        assert page_of(request, name) not in reader.get(page_of(request)).text
        assert reader.get(page_of(request, name)).status_code == 403
        assert reader.post(page_of(request, name), {"seen": "", "note": "No"}).status_code == 403
    assert holder_of("decide_certificationrequest").post(page_of(request, name)).status_code == 403
    assert status_of(request) == "pending"


def test_html_in_what_a_customer_wrote_is_shown_as_text(client):
    request = asked(name=HOSTILE)
    pages = [f"{REQUESTS}/", *(page_of(request, name) for name in ("change", "approve", "reject"))]
    for address in pages:
        text = client.get(address).text
        assert "<script>alert(1)" not in text, address
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text, address
    answer = decide(client, request, "reject", note=HOSTILE)
    assert "<script>alert(1)" not in answer.text


def test_statements_a_page(client, django_assert_max_num_queries):
    account = factories.AccountFactory()
    for i in range(6):
        reject_certification(request=asked(account, name=f"Name {i} Ltd."), note="No", by=decider())
    waiting = [asked() for _ in range(30)]
    with django_assert_max_num_queries(SIGNING_IN + 5):
        assert client.get(f"{REQUESTS}/").status_code == 200
    with django_assert_max_num_queries(SIGNING_IN + 7):
        assert client.get(page_of(waiting[0])).status_code == 200
    with django_assert_max_num_queries(SIGNING_IN + 9):
        text = client.get(page_of(account.certification_requests.first())).text
    assert text.count("Name ") >= 6
    with django_assert_max_num_queries(SIGNING_IN + 5):
        assert client.get(page_of(waiting[0], "approve")).status_code == 200
