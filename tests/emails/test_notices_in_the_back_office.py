"""Staff see what was written to whom, and send again what was given up."""

from html import unescape
from re import sub

import pytest
from django.core import mail

from accounts.notices import resend_email
from emails.models import Notice
from emails.sending import send_due_emails
from tests import factories
from tests.emails.mail import acting, failed, finance, notice, somebody_of, state_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LIST = "/admin/emails/notice/"
SIGNING_IN = 4
"""Session, user, and the permissions of the user and of the groups."""


@pytest.fixture
def staff():
    return somebody_of("Finance")


def page_of(row, name="change"):
    return f"{LIST}{row.pk}/{name}/"


def read(page):
    return unescape(sub(r"\s+", " ", sub(r"<[^>]+>", " ", page.text)))


def listed(page):
    return set(page.context["cl"].result_list)


def test_the_list_is_filtered_by_state_and_searched_for_whole_words(staff):
    member = acting(user__username="lilei")
    waiting, given_up, other = notice(member), failed(member), notice()

    assert listed(staff.get(LIST)) == {waiting, given_up, other}
    assert listed(staff.get(f"{LIST}?state=failed")) == {given_up}
    assert listed(staff.get(f"{LIST}?state__exact=failed")) == {given_up}
    assert listed(staff.get(f"{LIST}?q={member.account.number}")) == {waiting, given_up}
    assert listed(staff.get(f"{LIST}?q=lilei")) == {waiting, given_up}
    assert listed(staff.get(f"{LIST}?q=lile")) == set()


def test_the_list_and_the_page_name_the_kind_in_words(staff):
    row = notice(kind="certification_approved")
    for page in (staff.get(LIST), staff.get(page_of(row))):
        assert "Certification approved" in read(page)
        assert "certification_approved" not in read(page)


def test_a_page_shows_the_email_as_it_is_written_and_what_stands_in_the_way(staff):
    row = failed(acting("li@customer.example"))
    Notice.objects.update(facts={**row.facts, "reason": "<b>Wrong</b>"})

    page = staff.get(page_of(row))

    assert "<b>Wrong" not in page.text
    for text in (
        "Reason: <b>Wrong</b>",
        "request to void received",
        "li@customer.example",
        "SMTPRecipientsRefused 550",
    ):
        assert text in read(page)


def test_a_sent_one_shows_when_and_offers_nothing(staff):
    row = notice()
    send_due_emails()

    page = staff.get(page_of(row))

    assert "Sent 2026-11-22 12:00" in read(page)
    assert "Resend" not in page.text


def test_one_that_cannot_be_written_has_a_page_all_the_same(staff):
    row = failed()
    Notice.objects.update(facts={})

    page = staff.get(page_of(row))

    assert page.status_code == 200
    assert "The email cannot be rendered" in page.text


def test_what_was_given_up_is_sent_again_once_it_is_asked_for(staff, django_capture_on_commit_callbacks):
    row = failed(acting("li@customer.example"))
    assert page_of(row, "send-again") in staff.get(page_of(row)).text
    asking = staff.get(page_of(row, "send-again"))
    assert "li@customer.example" in asking.text
    assert state_of(row) == ("failed", 10)

    with django_capture_on_commit_callbacks() as after_commit:
        answer = staff.post(page_of(row, "send-again"), {"seen": asking.context["form"]["seen"].value()})

    assert (answer.status_code, state_of(row), len(after_commit)) == (302, ("pending", 0), 1)
    send_due_emails()
    assert (state_of(row), [email.to for email in mail.outbox]) == (("sent", 1), [["li@customer.example"]])


def test_two_who_send_it_again_send_it_once(staff):
    row = failed()
    seen = staff.get(page_of(row, "send-again")).context["form"]["seen"].value()
    staff.post(page_of(row, "send-again"), {"seen": seen})

    late = somebody_of("Finance").post(page_of(row, "send-again"), {"seen": seen}, follow=True)

    assert "Only a failed email can be resent." in late.text
    assert state_of(row) == ("pending", 0)


def test_a_decision_on_a_stale_page_is_refused(staff):
    member = acting("li@customer.example")
    row = failed(member)
    seen = staff.get(page_of(row, "send-again")).context["form"]["seen"].value()
    member.user.email = "somebody@else.example"
    member.user.save()

    assert staff.post(page_of(row, "send-again"), {"seen": seen}).status_code == 409
    assert state_of(row) == ("failed", 10)


@pytest.mark.parametrize("role", ["Legal", "Auditor"])
def test_who_may_only_read_sees_no_button_and_may_not_post(role):
    row, reader = failed(), somebody_of(role)

    assert "send-again" not in reader.get(page_of(row)).text
    assert reader.get(page_of(row, "send-again")).status_code == 403
    assert reader.post(page_of(row, "send-again"), {"seen": ""}).status_code == 403
    assert state_of(row) == ("failed", 10)


def test_the_service_itself_asks_for_the_permission():
    row = failed()
    with pytest.raises(Exception, match="is read-only") as caught:
        resend_email(notice=row, by=finance("billing.delete_notice"))

    assert (caught.value.code, state_of(row)) == ("permission_denied", ("failed", 10))


@pytest.mark.parametrize("state", ["pending", "sent"])
def test_what_waits_or_was_sent_is_not_sent_again(state):
    row = notice()
    if state == "sent":
        send_due_emails()

    with pytest.raises(Exception, match="Only a failed email") as caught:
        resend_email(notice=row, by=finance("emails.send_notice_again"))

    assert (caught.value.code, state_of(row)[0]) == ("transition_not_allowed", state)


def test_nobody_adds_changes_or_deletes_one():
    user = factories.UserFactory(is_staff=True, is_superuser=True)
    client, row = somebody_of("Finance"), failed()
    client.force_login(user)

    for url in (f"{LIST}add/", page_of(row), page_of(row, "delete")):
        assert client.post(url, {"state": "sent", "post": "yes"}).status_code == 403
    assert state_of(row) == ("failed", 10)


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_statements_however_long_it_is(staff, count, django_assert_max_num_queries):
    for _ in range(count):
        notice()

    with django_assert_max_num_queries(SIGNING_IN + 3):
        staff.get(LIST)


def test_the_pages_of_one_take_few_statements(staff, django_assert_max_num_queries):
    row = failed()

    with django_assert_max_num_queries(SIGNING_IN + 2):
        staff.get(page_of(row))
    with django_assert_max_num_queries(SIGNING_IN + 2):
        staff.get(page_of(row, "send-again"))
