"""What the emails say: both languages, in plain text and in HTML, with what customers wrote as data."""

import re
from html import unescape

import pytest

from emails.rendering import render_email
from tests.emails.mail import acting, notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SAID = {
    "ticket_opened": "We received the request to void contract EC-7Q4M.",
    "ticket_approved": "was approved. The contract is now voided.",
    "ticket_rejected": "was rejected. The contract stays in force.",
    "certification_approved": "is certified under the name 蓝河贸易有限公司.",
    "certification_rejected": "under the name 蓝河贸易有限公司 was rejected.",
}
CODES = "<script>alert(1)</script> & \"q\" 'a'"


def email(kind="ticket_rejected", **facts):
    return render_email(notice(acting("li@customer.example"), kind, **facts), address="li@customer.example")


def html_of(message):
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return content


def read(html):
    return unescape(re.sub(r"<[^>]+>|\s+", " ", html))


@pytest.mark.parametrize("kind", SAID)
def test_both_parts_say_it_in_english(kind):
    message = email(kind, note="Please see page 2.")

    assert SAID[kind] in message.body
    assert SAID[kind] in read(html_of(message))
    assert "Note: Please see page 2." in message.body


@pytest.mark.parametrize("kind", SAID)
def test_both_parts_say_it_in_chinese_first(kind):
    message = email(kind)

    for part in (message.body, read(html_of(message))):
        chinese, english = part.split("本邮件由系统自动发送。")
        assert re.search(r"[一-鿿]{6,}。", chinese)
        assert SAID[kind] in english
    assert re.search(r"[一-鿿].* / .*[A-Za-z]", message.subject)


def test_the_subject_names_what_it_is_about():
    assert "EC-7Q4M" in email("ticket_opened").subject
    assert acting().account.number not in email("certification_approved").subject


def test_every_fact_is_told_with_the_time_of_the_account():
    body = email("ticket_rejected", note="Orders are right.").body

    for line in (
        "Contract No.: EC-7Q4M",
        "Void ticket: 31",
        "Reason: 订单选错",
        "Note: Orders are right.",
        "Time: 2026-11-22 12:00 Asia/Shanghai (UTC+08:00)",
    ):
        assert line in body.splitlines()


def test_a_note_that_was_not_written_leaves_no_line():
    assert "Note:" not in email("ticket_approved").body


def test_the_link_leads_to_the_page_on_this_site(settings):
    settings.SITE_URL = "https://contracts.issuer.example"

    ticket, certification = email("ticket_opened"), email("certification_approved")

    assert "https://contracts.issuer.example/contracts/EC-7Q4M/" in ticket.body.splitlines()
    assert 'href="https://contracts.issuer.example/contracts/EC-7Q4M/"' in html_of(ticket)
    assert "https://contracts.issuer.example/account/certification/" in certification.body.splitlines()


def test_codes_in_a_reason_and_note_are_escaped_in_html_and_literal_in_text():
    message = email(reason=CODES, note=CODES)

    assert message.body.count(CODES) == 4
    assert "<script" not in html_of(message)
    assert read(html_of(message)).count(CODES) == 4


def test_a_line_break_in_a_fact_starts_no_header_and_no_line():
    message = email("certification_rejected", name="蓝河\r\nBcc: all@else.example\n\nHello")

    sent = message.message()
    assert sent["Bcc"] is None
    assert sent["To"] == "li@customer.example"
    assert "\n" not in message.subject
    assert not [line for line in message.body.splitlines() if line.startswith("Bcc")]


def test_the_same_notice_is_always_the_same_email_to_mail_programs(settings):
    settings.SITE_URL = "https://contracts.issuer.example"
    row = notice()

    first, second = (render_email(row, address="li@customer.example").message() for _ in range(2))

    assert first["Message-ID"] == second["Message-ID"] == f"<notice-{row.pk}@contracts.issuer.example>"
    assert first["Auto-Submitted"] == "auto-generated"


def test_the_html_takes_nothing_from_elsewhere():
    html = html_of(email())

    assert not re.search(r"<(img|link|script|style|iframe)\b|url\(", html)
    assert set(re.findall(r'(?:src|href)="([^"]+)"', html)) == {"http://127.0.0.1:8000/contracts/EC-7Q4M/"}
