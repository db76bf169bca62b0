"""Exports of contracts: what they hold, and those that a worker writes (R43)."""

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from openpyxl import load_workbook

from accounts.access.actors import actor_of
from accounts.models import SecurityEvent
from contracts import services
from emails.sending import send_due_emails
from exports.models import Export
from exports.worker import delete_old_exports, write_waiting_exports
from tests import factories

pytestmark = pytest.mark.rule("R43")


def content(answer) -> bytes:
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content)


def lines_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content(answer).decode("utf-8-sig"))))


def test_a_csv_file_has_a_row_an_order_line(visit, draft, clock):
    contract = draft(remarks="Archive", orders=2)

    rows = lines_of(visit.get("/contracts/export/?format=csv"))

    assert [row["Order No."] for row in rows] == contract.order_numbers
    assert {row["Contract No."] for row in rows} == {contract.number}
    assert {(row["Remarks"], row["Application time"]) for row in rows} == {("Archive", "2026-11-22 12:00:00")}
    assert sum(Decimal(row["Payable amount"]) for row in rows) == contract.total_amount


def test_a_workbook_has_contracts_and_orders_with_real_numbers_and_times(clock, visit, draft, official):
    request = draft("payment_request", orders=3)

    book = load_workbook(BytesIO(content(visit.get("/contracts/export/?format=xlsx"))))

    assert book.sheetnames == ["Contracts", "Orders"]
    titles, *rows = book["Contracts"].values
    of_request = dict(zip(titles, rows[0], strict=True))
    assert of_request["Contract No."] == request.number
    assert of_request["Application time"] == datetime(2026, 11, 22, 12)  # noqa: DTZ001 - Excel has no zones
    total = titles.index("Total amount")
    assert sum(Decimal(str(row[total])) for row in rows) == request.total_amount + official.total_amount
    assert len(list(book["Orders"].values)) == 1 + 4


def test_an_export_holds_what_the_list_shows_for_the_same_filter(clock, visit, draft, official):
    clock.move_to("2026-06-01T12:00:00+08:00")
    old = draft(remarks="old")
    clock.move_to("2026-11-22T12:00:00+08:00")
    request = draft("payment_request")

    def numbers(query: str) -> set[str]:
        return {row["Contract No."] for row in lines_of(visit.get(f"/contracts/export/?format=csv&{query}"))}

    assert numbers("") == {official.number, request.number}
    assert numbers("since=&until=") == {old.number, official.number, request.number}
    assert numbers("type=payment_request") == {request.number}
    assert numbers("status=official") == {official.number}
    assert numbers("q=old") == {old.number}
    assert numbers(f"number={old.number}&number={request.number}") == {old.number, request.number}


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_no_text_is_a_formula(visit, draft, format_):
    contract = draft(remarks="=1+1")

    file = content(visit.get(f"/contracts/export/?format={format_}"))

    if format_ == "csv":
        assert '"\'=1+1"' in file.decode()
    else:
        cells = [cell for row in load_workbook(BytesIO(file))["Contracts"].iter_rows() for cell in row]
        [remarks] = [cell for cell in cells if cell.value == "=1+1"]
        assert remarks.data_type == "s"
    assert contract.remarks == "=1+1"


def test_amounts_have_the_decimals_of_their_currency(visit, membership):
    order = factories.PaidOrderFactory(account=membership.account, currency="JPY", list_amount=900, payable_amount=900)
    services.apply_for_contract(type="order", order_numbers=[order.number], by=actor_of(membership, "page"))

    [row] = lines_of(visit.get("/contracts/export/?format=csv"))

    assert (row["Total amount"], row["Currency"]) == ("900", "JPY")


def test_what_cannot_be_exported_is_refused(visit, draft, stranger):
    number = draft().number

    assert visit.get("/contracts/export/?format=pdf").status_code == 400
    assert visit.get("/contracts/export/?since=yesterday").status_code == 400
    answer = stranger.get(f"/contracts/export/?number={number}")
    assert answer.status_code == 400
    assert number in answer.text


def test_an_export_is_in_the_security_log(visit, draft, membership):
    draft(orders=2)

    content(visit.get("/contracts/export/?format=csv"))

    [event] = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED)
    assert (event.user, event.detail) == (membership.user, "contracts csv, 2 rows")


def test_a_long_export_is_written_by_a_worker(
    visit, viewer, draft, membership, clock, monkeypatch, files, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("exports.asking.MAX_ROWS_AT_ONCE", 1)
    contract = draft(orders=2)
    membership.user.email = "cw@a.example"
    membership.user.save()

    answer = visit.get("/contracts/export/?format=csv&type=order")
    assert "being prepared" in visit.get(answer.url).text
    assert write_waiting_exports().attempted == 1
    send_due_emails()

    [export] = Export.objects.all()
    page = visit.get(answer.url)
    assert f"/exports/{export.pk}/file/" in page.text
    assert [row["Contract No."] for row in lines_of(visit.get(f"/exports/{export.pk}/file/"))] == [contract.number] * 2
    assert viewer.get(answer.url).status_code == viewer.get(f"/exports/{export.pk}/file/").status_code == 404
    [email] = mail.outbox
    assert email.to == [membership.user.email]
    assert answer.url in email.body

    clock.shift(timedelta(days=7, seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_old_exports(now=export.requested_at + timedelta(days=7, seconds=1)) == 1
    assert not default_storage.exists(export.path)
    assert not Export.objects.exists()


def test_an_export_that_fails_says_so_and_stops_no_other(visit, draft, monkeypatch):
    monkeypatch.setattr("exports.asking.MAX_ROWS_AT_ONCE", 0)
    draft()
    failing, other = (visit.get("/contracts/export/?format=csv").url for _ in range(2))
    with monkeypatch.context() as broken:
        broken.setattr("exports.worker.write_file", lambda *_args: 1 / 0)
        write_waiting_exports()
    write_waiting_exports()

    assert "could not be prepared" in visit.get(failing).text
    assert "is ready" in visit.get(other).text


def test_an_export_that_ends_its_worker_thrice_is_tried_no_more(visit, draft, monkeypatch):
    monkeypatch.setattr("exports.asking.MAX_ROWS_AT_ONCE", 0)
    draft()
    page = visit.get("/contracts/export/?format=csv").url

    class Killed(BaseException):
        pass

    def kill(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr("exports.worker.write_file", kill)
        for _ in range(3):
            with pytest.raises(Killed):
                write_waiting_exports()
    write_waiting_exports()

    assert "could not be prepared" in visit.get(page).text


def test_only_so_many_exports_may_wait(visit, draft, monkeypatch):
    monkeypatch.setattr("exports.asking.MAX_ROWS_AT_ONCE", 0)
    monkeypatch.setattr("exports.asking.MAX_WAITING", 1)
    draft()

    assert visit.get("/contracts/export/?format=csv").status_code == 302
    assert visit.get("/contracts/export/?format=csv").status_code == 429
