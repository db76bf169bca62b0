"""Asking for certification on the account's page, and what came of it (R11)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import CertificationRequest
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R11")]
PAGE = "/account/certification/"
CODE = "91110000600037341L"


@pytest.fixture
def membership():
    return factories.MembershipFactory(account=factories.AccountFactory(certification="none", certified_name=""))


def signed_in(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


@pytest.fixture
def visit(membership) -> Client:
    return signed_in(membership)


def scan(content=b"%PDF-1.7 a scan\n%%EOF"):
    return SimpleUploadedFile("licence.exe", content, "text/html")


def ask(client, kind="enterprise", **fields):
    given = {"name": "蓝河贸易有限公司", "credit_code": CODE, "licence": scan()} | fields
    return client.post(f"{PAGE}?kind={kind}", given, follow=True)


def decided(membership, status, **fields):
    now = timezone.now()
    given = {"kind": "enterprise", "name": "蓝河贸易有限公司", "credit_code": CODE, "licence": "licences/secret.pdf"}
    return CertificationRequest.objects.create(
        account=membership.account,
        status=status,
        requested_by=membership.user,
        requested_at=now,
        decided_at=now,
        **given | fields,
    )


def test_a_company_asks_with_its_name_code_and_licence(visit, membership):
    text = ask(visit).text

    request = CertificationRequest.objects.get()
    assert (request.account, request.kind, request.credit_code) == (membership.account, "enterprise", CODE)
    assert "We received your request." in text
    assert "Your request is waiting for review" in text
    assert "Send the request" not in text


def test_a_person_is_asked_for_no_code(visit):
    assert "Unified social credit code" not in visit.get(f"{PAGE}?kind=personal").text

    ask(visit, "personal", name="王小明")

    assert CertificationRequest.objects.get().credit_code == ""


def test_all_that_is_wrong_stands_at_its_field(visit):
    answer = ask(visit, name="X", credit_code="123", licence=b"")

    assert answer.status_code == 400
    for wrong in (
        "as shown on the licence",
        "This is not a valid unified social credit code",
        "Business licence</a>: ",
    ):
        assert wrong in answer.text
    assert answer.text.count('class="field-error"') == 3
    assert 'value="X"' in answer.text
    assert not CertificationRequest.objects.exists()


@pytest.mark.parametrize("content", [b"MZ a program", b""])
def test_a_file_is_known_by_its_content_whatever_it_is_called(visit, content):
    answer = ask(visit, licence=scan(content))

    assert answer.status_code == 400
    assert 'id="id_licence_error"' in answer.text


def test_a_double_click_asks_once_and_says_so(visit):
    ask(visit)
    again = ask(visit)

    assert again.status_code == 409
    assert "already waiting for review" in again.text
    assert CertificationRequest.objects.count() == 1


def test_a_file_that_cannot_be_stored_is_asked_for_again_and_nothing_waits(visit, settings, tmp_path, caplog):
    blocked = tmp_path / "a-file-not-a-folder"
    blocked.write_text("")
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": str(blocked)}}
    settings.STORAGES = storages

    answer = ask(visit)

    assert answer.status_code == 503
    assert "The file could not be stored. Please select it" in answer.text
    assert f'value="{CODE}"' in answer.text
    assert "storage cannot be written" in caplog.text
    assert not CertificationRequest.objects.exists()


def test_a_rejection_shows_its_note_and_a_new_request_is_possible(visit, membership):
    decided(membership, "rejected", note="The scan cannot be read <here>.")

    text = visit.get(PAGE).text

    assert "Rejected" in text
    assert "The scan cannot be read &lt;here&gt;." in text
    assert "Send the request" in text


def test_nobody_gets_at_the_file_that_was_sent(visit, membership):
    decided(membership, "rejected")

    assert "secret.pdf" not in visit.get(PAGE).text
    assert visit.get("/media/licences/secret.pdf").status_code == 404


def test_a_certified_account_sees_its_name_and_asks_only_for_a_change():
    visit = signed_in(factories.MembershipFactory(account__certified_name="Harbour Light Ltd"))

    assert "Harbour Light Ltd" in visit.get(PAGE).text
    assert "Send the request" not in visit.get(PAGE).text
    assert "Send the request" in visit.get(f"{PAGE}?kind=enterprise").text


@pytest.mark.rule("R26")
def test_a_viewer_sees_the_state_and_may_not_ask(membership):
    viewer = signed_in(factories.MembershipFactory(account=membership.account, role="viewer"))

    assert "An owner or finance member of the account can request it." in viewer.get(PAGE).text
    assert ask(viewer).status_code == 403
    assert not CertificationRequest.objects.exists()


@pytest.mark.rule("R26")
def test_another_accounts_requests_are_not_shown(visit):
    decided(factories.MembershipFactory(), "rejected", note="Somebody else's")

    assert "Somebody else" not in visit.get(PAGE).text
