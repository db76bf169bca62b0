"""Publishing clauses: what will happen is shown, then new drafts use them, and contracts that are there keep theirs."""

import pytest
from django.utils import timezone

from accounts.access.actors import Actor
from common.errors import Refused
from contracts.documents import files as documents
from contracts.models import Clause, ClauseVersion, Contract
from contracts.services import convert_to_official
from contracts.services.publishing import discard, prepare_clauses, publish_clauses
from tests import factories
from tests.contracts.back_office.legal import (
    CLAUSES,
    clause,
    in_force,
    legal,
    member_of,
    seen_on,
    sent_by,
    superuser,
    text_of,
)
from tests.contracts.test_concurrency import at_once
from tests.reading import pdf_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOSTILE = "<script>alert(1)</script> <b>bold</b> & {{ 7 }}"


@pytest.fixture
def version():
    """In preparation: its first clause says something new."""
    version = prepare_clauses(type="order", by=legal())
    Clause.objects.filter(version=version, position=1).update(text_en="Wholly new words.", text_zh="全新的文字。")
    return version


@pytest.fixture
def client():
    return member_of("Legal")


def publish(client, version):
    address = f"{CLAUSES}/{version.pk}/publish/"
    return client.post(address, {"seen": seen_on(client.get(address))})


def text_of_draft(contract: Contract) -> str:
    return " ".join(pdf_text(documents.read(documents.of_kind(contract, "draft"))).split())


@pytest.mark.rule("R23")
def test_drafts_use_the_published_version_and_contracts_from_before_keep_theirs(issuer, client, version):
    actor = factories.member()
    before = factories.draft(actor)
    assert before.clause_version.version == 1
    words_before = text_of_draft(before)

    answer = publish(client, version)

    assert answer["Location"] == f"{CLAUSES}/{version.pk}/change/"
    after = factories.draft(actor)
    assert (after.clause_version, after.issuer_version) == (version, issuer)
    assert "Wholly new words." in text_of_draft(after)
    assert "Version 2" in text_of_draft(after)
    assert "Version 1" in words_before
    assert "Wholly new words." not in words_before
    official = convert_to_official(contract=before, by=actor)
    assert official.clause_version.version == 1
    assert text_of_draft(official) == words_before


@pytest.mark.rule("R23")
def test_what_is_in_preparation_reaches_no_draft(issuer, version):
    contract = factories.draft(factories.member())
    assert contract.clause_version.version == 1
    assert "Wholly new words." not in text_of_draft(contract)


def test_the_other_type_is_not_touched(issuer, version):
    publish_clauses(version=version, by=legal())
    assert factories.draft(factories.member(), type="payment_request").clause_version == in_force("payment_request")
    assert in_force("payment_request").version == 1


def test_who_published_it_and_when_is_kept(version):
    by = legal()
    publish_clauses(version=version, by=by)
    version.refresh_from_db()
    assert version.published_by_id == by.user_id
    assert version.published_at == timezone.now()


def test_the_page_before_says_what_will_happen_and_what_changes(issuer, client, version):
    factories.draft(factories.member())
    page = client.get(f"{CLAUSES}/{version.pk}/publish/")
    said = text_of(page)
    assert "Every new draft of the order contract will use version 2 of the clauses." in said
    assert "Version 1 is replaced. Contracts and drafts that already use it (1 now) keep it." in said
    assert "<ins>Wholly new words</ins>." in page.text
    assert "<del>Party A ordered the products" in page.text
    assert "Clause 1 changes" in said
    assert "Clause 2 changes" not in said
    assert f"{CLAUSES}/{version.pk}/preview/order/both/1.png" in page.text
    assert not ClauseVersion.objects.get(pk=version.pk).published


def test_markup_in_a_clause_is_shown_and_printed_as_it_is_written(issuer, client, version):
    Clause.objects.filter(version=version, position=1).update(text_en=HOSTILE.replace("{{ 7 }}", ""))
    page = client.get(f"{CLAUSES}/{version.pk}/publish/")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    publish(client, version)
    assert "<script>alert(1)</script>" not in client.get(f"{CLAUSES}/{version.pk}/change/").text
    assert "<script>alert(1)</script> <b>bold</b> &" in text_of_draft(factories.draft(factories.member()))


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"text_en": "{count.__class__}"}, "/clauses/3/text_en", "Clause 3 (Payment), text, English"),
        ({"text_en": "{count!r}"}, "/clauses/3/text_en", "{count!r} is not a variable"),
        ({"text_zh": "}"}, "/clauses/3/text_zh", "text, Chinese"),
        ({"heading_en": "{until}"}, "/clauses/3/heading_en", "{until} is not allowed"),
        ({"heading_zh": " "}, "/clauses/3/heading_zh", "This is empty."),
        ({"text_zh": "\U0001f680"}, "/clauses/3/text_zh", "U+1F680"),
    ],
)
def test_what_could_not_be_printed_is_refused_naming_the_clause(client, version, changes, pointer, said):
    Clause.objects.filter(version=version, position=3).update(**changes)
    with pytest.raises(Refused) as caught:
        publish_clauses(version=version, by=legal())
    [fault] = caught.value.faults
    assert fault.pointer == pointer
    assert said in fault.detail
    page = publish(client, version)
    assert page.status_code == caught.value.status
    assert text_of(page).count(said) == 2  # refused, and still to be mended
    assert not ClauseVersion.objects.get(pk=version.pk).published


def test_a_version_without_clauses_is_refused(version):
    version.clauses.all().delete()
    with pytest.raises(Refused, match="There are no clauses"):
        publish_clauses(version=version, by=legal())


@pytest.mark.rule("R28")
def test_a_customer_cannot_be_refused_for_the_clauses(issuer, version):
    """What publishing lets through, a draft prints: every character that it has and no others."""
    Clause.objects.filter(version=version, position=1).update(text_zh="﨎 Ω ½ €", text_en="“quoted” – é")
    publish_clauses(version=version, by=legal())
    words = text_of_draft(factories.draft(factories.member(), language="zh-hans"))
    assert "﨎Ω½€" in words.replace(" ", "")


def test_a_page_that_has_become_stale_publishes_nothing(client, version):
    address = f"{CLAUSES}/{version.pk}/publish/"
    seen = seen_on(client.get(address))
    edit = f"{CLAUSES}/{version.pk}/change/"
    other = member_of("Legal")
    other.post(edit, sent_by(other.get(edit)) | {"clauses-1-text_en": "Slipped in."})
    page = client.post(address, {"seen": seen})
    assert page.status_code == 409
    assert "This has changed since you opened the page" in page.text
    assert "<ins>Slipped in</ins>." in page.text
    assert in_force().version == 1
    assert publish(client, version).status_code == 302


def test_it_is_published_once(client, version):
    address = f"{CLAUSES}/{version.pk}/publish/"
    seen = seen_on(client.get(address))
    publish_clauses(version=version, by=legal())
    answer = client.post(address, {"seen": seen}, follow=True)
    assert "has already been published. Nothing was changed." in answer.text
    with pytest.raises(Refused, match="Version 2 has already been published"):
        publish_clauses(version=version, by=legal())
    with pytest.raises(Refused, match="Version 2 has already been published"):
        discard(version=version, by=legal())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_publishing_at_once_leave_one_who_did():
    version = prepare_clauses(type="order", by=legal())
    actors = [legal() for _ in range(6)]
    outcomes = at_once([lambda by=by: publish_clauses(version=version, by=by) for by in actors])
    won = [outcome for outcome in outcomes if isinstance(outcome, ClauseVersion)]
    assert len(won) == 1, outcomes
    assert {o.code for o in outcomes if isinstance(o, Refused)} == {"transition_not_allowed"}
    version.refresh_from_db()
    assert version.published_by_id == won[0].published_by_id


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_preparing_and_publishing_at_once_never_stand_in_each_others_way():
    actors = [legal() for _ in range(8)]

    def go_on(by):
        return lambda: publish_clauses(version=prepare_clauses(type="order", by=by), by=by)

    outcomes = at_once([go_on(by) for by in actors])
    unexpected = [o for o in outcomes if not isinstance(o, ClauseVersion | Refused)]
    assert not unexpected, unexpected
    numbers = list(ClauseVersion.objects.filter(type="order").order_by("version").values_list("version", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("role", ["Finance", "Auditor"])
def test_only_those_who_may_publish(version, role):
    reader = member_of(role)
    assert reader.get(f"{CLAUSES}/{version.pk}/publish/").status_code == 403
    assert reader.post(f"{CLAUSES}/{version.pk}/publish/", {"seen": ""}).status_code == 403
    by = Actor(user_id=1, account=None, may_act=False, source="admin")
    for act in (
        lambda: publish_clauses(version=version, by=by),
        lambda: prepare_clauses(type="order", by=by),
        lambda: discard(version=version, by=by),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "permission_denied"
    assert not ClauseVersion.objects.get(pk=version.pk).published


def test_publishing_works_before_an_issuer_is_set_up(client, version):
    page = client.get(f"{CLAUSES}/{version.pk}/publish/")
    assert page.status_code == 200
    assert publish(client, version).status_code == 302
    assert client.get(f"{CLAUSES}/{version.pk}/preview/order/en/").status_code == 503


def test_clauses_are_only_changed_by_a_later_version(client, version):
    publish(client, version)
    page = superuser().get(f"{CLAUSES}/{version.pk}/change/")
    assert "A published version cannot be changed." in page.text
    assert "<textarea" not in page.text
    later = prepare_clauses(type="order", by=legal())
    assert later.version == 3
    assert clause(later).text_en == "Wholly new words."
