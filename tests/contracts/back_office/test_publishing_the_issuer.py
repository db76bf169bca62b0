"""The issuer is Party B of every contract: a new version is prepared, checked, published, and named from then on."""

import pytest

from accounts.models import Issuer
from common.errors import Refused
from contracts.documents import files as documents
from contracts.models import Contract
from contracts.sealing.art import UnprintableSealError
from contracts.services import convert_to_official, publishing
from contracts.services.publishing import discard, prepare_issuer, publish_issuer
from tests import factories
from tests.contracts.back_office.legal import ISSUER, holder_of, legal, member_of, seen_on, sent_by, text_of
from tests.contracts.test_concurrency import at_once
from tests.reading import pdf_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def of_legal():
    return legal("accounts.publish_issuer")


@pytest.fixture
def version(issuer):
    """In preparation, with another telephone number."""
    version = prepare_issuer(by=of_legal())
    version.phone = "+86 21 5000 9999"
    version.save()
    return version


@pytest.fixture
def client():
    return member_of("Legal")


def publish(client, version):
    address = f"{ISSUER}/{version.pk}/publish/"
    return client.post(address, {"seen": seen_on(client.get(address))})


def save(client, version, **changed):
    address = f"{ISSUER}/{version.pk}/change/"
    return client.post(address, sent_by(client.get(address)) | changed)


def test_it_begins_as_a_copy_of_what_is_in_force(issuer):
    version = prepare_issuer(by=of_legal())
    assert version.version == issuer.version + 1
    assert [getattr(version, name) for name in publishing.ISSUER_TEXTS] == [
        getattr(issuer, name) for name in publishing.ISSUER_TEXTS
    ]
    assert prepare_issuer(by=of_legal()) == version


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("there", [0, 1])
def test_many_clicks_at_once_begin_one_version(there):
    factories.IssuerFactory.create_batch(there)
    actors = [of_legal() for _ in range(8)]
    outcomes = at_once([lambda by=by: prepare_issuer(by=by) for by in actors])
    assert len(set(outcomes)) == 1, outcomes
    assert Issuer.objects.count() == there + 1


@pytest.mark.rule("R23")
def test_drafts_name_the_published_version_and_contracts_from_before_keep_theirs(issuer, client, version):
    actor = factories.member()
    before = factories.draft(actor)
    assert publish(client, version).status_code == 302
    after = factories.draft(actor)
    assert (before.issuer_version, after.issuer_version) == (issuer, version)
    assert after.party_b["phone"] == "+86 21 5000 9999"
    assert "+86 21 5000 9999" in pdf_text(documents.read(documents.current(after)))
    official = convert_to_official(contract=before, by=actor)
    assert official.issuer_version == issuer
    assert "+86 21 5000 9999" not in pdf_text(documents.read(documents.current(official)))


@pytest.mark.rule("R13")
def test_new_payment_requests_pay_to_the_general_account_it_gives(version):
    actor = factories.member()
    before = factories.draft(actor, type="payment_request")
    version.payee_account = "6222 0000 0000 0001"
    version.save()
    publish_issuer(version=version, by=of_legal())
    after = factories.draft(actor, type="payment_request")
    assert after.remittance_account["account_number"] == "6222000000000001"
    kept = Contract.objects.get(pk=before.pk).remittance_account
    assert kept == before.remittance_account != after.remittance_account


def test_the_page_before_shows_what_changes_and_nothing_else(issuer, client, version):
    page = client.get(f"{ISSUER}/{version.pk}/publish/")
    said = text_of(page)
    assert f"Every new draft will name {issuer.name} as Party B" in said
    assert "+86 21 5000 <del>0000</del><ins>9999</ins>" in page.text
    assert [label for label, _parts in page.context["changes"]] == ["Phone"]


def test_it_is_edited_on_one_line_a_text(client, version):
    assert save(client, version, name="  云帆 \u200b\t科技 ", tax_number="").status_code == 302
    version.refresh_from_db()
    assert (version.name, version.tax_number) == ("云帆 科技", "")


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "\U00020bb7 Cloud", "\U00020bb7 (U+20BB7)"),
        ("name", "", "This field is required."),
        ("email", "contracts", "Enter a valid email address."),
        ("payee_bank", "ไทย", "U+0E44"),
        ("address", "x" * 201, "at most 200 characters"),
    ],
)
def test_a_text_that_contracts_could_not_carry_is_refused(client, version, field, text, said):
    page = save(client, version, **{field: text})
    assert page.status_code == 200
    assert said in str(page.context["adminform"].form.errors[field])


@pytest.mark.rule("R28")
def test_and_again_when_it_is_published(client, version):
    Issuer.objects.filter(pk=version.pk).update(contact="\U0001f680", email="nobody", payee="")
    with pytest.raises(Refused) as caught:
        publish_issuer(version=version, by=of_legal())
    found = {fault.pointer: fault.detail for fault in caught.value.faults}
    assert sorted(found) == ["/contact", "/email", "/payee"]
    assert "Contact: The document cannot print: \U0001f680 (U+1F680)." in found["/contact"]
    page = publish(client, version)
    assert "Contact: The document cannot print" in page.text
    assert not Issuer.objects.get(pk=version.pk).published


def test_a_name_that_the_seal_cannot_show_is_refused(version, monkeypatch):
    """The seal has fonts of its own: what the document prints, it might lack."""

    def lacking(name):
        raise UnprintableSealError("帆")

    monkeypatch.setattr(publishing, "seal_art", lacking)
    with pytest.raises(Refused, match="The seal cannot print: 帆"):
        publish_issuer(version=version, by=of_legal())


def test_markup_in_a_name_is_shown_as_it_is_written(client, version):
    save(client, version, name="<b>Cloud</b> & Co")
    page = client.get(f"{ISSUER}/{version.pk}/publish/")
    assert "<b>Cloud" not in page.text
    assert "&lt;b&gt;Cloud&lt;/b&gt; &amp; Co" in page.text


def test_a_page_that_has_become_stale_publishes_nothing(client, version):
    address = f"{ISSUER}/{version.pk}/publish/"
    seen = seen_on(client.get(address))
    save(member_of("Legal"), version, contact="Somebody else")
    page = client.post(address, {"seen": seen})
    assert page.status_code == 409
    assert "Somebody else" in page.text
    assert not Issuer.objects.get(pk=version.pk).published


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_publishing_at_once_leave_one_who_did():
    factories.IssuerFactory()
    version = prepare_issuer(by=of_legal())
    actors = [of_legal() for _ in range(6)]
    outcomes = at_once([lambda by=by: publish_issuer(version=version, by=by) for by in actors])
    assert sum(isinstance(outcome, Issuer) for outcome in outcomes) == 1, outcomes
    assert {o.code for o in outcomes if isinstance(o, Refused)} == {"transition_not_allowed"}


def test_the_first_issuer_of_an_installation_is_set_up_here(client):
    client.post(f"{ISSUER}/prepare/")
    version = Issuer.objects.get()
    assert (version.version, version.name) == (1, "")
    page = publish(client, version)
    assert page.status_code == 400
    assert "Name: This field cannot be blank." in page.text
    given = dict.fromkeys(publishing.ISSUER_TEXTS, "Cloud Ltd") | {"email": "contracts@cloud.example"}
    assert save(client, version, **given).status_code == 302
    assert publish(client, version).status_code == 302
    assert Issuer.objects.current() == version


def test_one_in_preparation_can_be_given_up(issuer, client, version):
    address = f"{ISSUER}/{version.pk}/discard/"
    client.post(address, {"seen": seen_on(client.get(address))})
    assert list(Issuer.objects.all()) == [issuer]
    with pytest.raises(Refused, match="was discarded"):
        discard(version=version, by=of_legal())


@pytest.mark.parametrize("role", ["Finance", "Auditor"])
def test_others_read_and_decide_nothing(version, role):
    reader = member_of(role)
    page = reader.get(f"{ISSUER}/{version.pk}/change/")
    assert version.phone in page.text
    assert "<form" not in page.text[page.text.index("<h1>") :]
    assert "prepare/" not in reader.get(f"{ISSUER}/").text
    for name in ("publish", "discard", "change"):
        assert reader.post(f"{ISSUER}/{version.pk}/{name}/", {"seen": ""}).status_code == 403
    assert reader.post(f"{ISSUER}/prepare/").status_code == 403


def test_publishing_alone_does_not_let_edit(version):
    publisher = holder_of("view_issuer", "publish_issuer")
    page = publisher.get(f"{ISSUER}/{version.pk}/change/")
    assert 'name="phone"' not in page.text
    assert publisher.post(f"{ISSUER}/{version.pk}/change/", {"phone": "1"}).status_code == 403
    assert publish(publisher, version).status_code == 302
