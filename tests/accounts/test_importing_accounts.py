"""manage.py import_accounts: accounts, details and owners from a CSV file; whole or not at all, repeatable (R49)."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from accounts.models import Account, CertificationRequest, Membership, SecurityEvent
from emails.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R49"), pytest.mark.usefixtures("clock")]
HEADER = "number,name,currency,kind,address,contact,phone,email,owner_username,owner_email"
ROWS = [
    "A-1,Harbour Light Trading Co.,USD,,1 Quay,Mei,+44 117 496 0188,contracts@harbour.example,mei,mei@harbour.example",
    "A-2,李雷,CNY,personal,,,,,,",
    "A-3,,CNY,none,,,,,li,li@else.example",
]


@pytest.fixture
def run(tmp_path, capsys):
    def run(*rows: str, header: str = HEADER, arguments: tuple[str, ...] = (), encoding: str = "utf-8") -> str:
        file = tmp_path / "accounts.csv"
        Path(file).write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
        call_command("import_accounts", str(file), *arguments)
        return capsys.readouterr().out.strip()

    return run


@pytest.fixture
def refused(run, capsys):
    def refused(*rows: str, **options) -> tuple[str, list[str]]:
        with pytest.raises(CommandError) as caught:
            run(*rows, **options)
        return str(caught.value), capsys.readouterr().err.splitlines()

    return refused


def test_the_file_is_imported_and_again_changes_nothing(run):
    assert run(*ROWS) == "3 created, 0 updated, 0 unchanged, 0 failed."
    account = Account.objects.select_related("profile").get(number="A-1")
    assert (account.certification, account.currency, account.profile.contact) == ("enterprise", "USD", "Mei")
    assert list(Account.objects.order_by("number").values_list("certification", flat=True)) == [
        "enterprise",
        "personal",
        "none",
    ]
    assert set(Membership.objects.values_list("account__number", "user__username", "role")) == {
        ("A-1", "mei", "owner"),
        ("A-3", "li", "owner"),
    }
    assert list(Notice.objects.values_list("kind", flat=True)) == ["member_added"] * 2
    assert run(*ROWS) == "0 created, 0 updated, 3 unchanged, 0 failed."
    assert Notice.objects.count() == 2


def test_a_certification_is_recorded_without_a_person(run):
    run(*ROWS)
    records = CertificationRequest.objects.values_list("requested_by", "decided_by", "is_verified_elsewhere")
    assert list(records) == [(None, None, True)] * 2
    assert set(SecurityEvent.objects.values_list("user", flat=True)) == {None}


def test_an_empty_cell_leaves_the_value(run):
    run(*ROWS)
    assert run("A-1,,USD,,,Li,,,,") == "0 created, 1 updated, 0 unchanged, 0 failed."
    account = Account.objects.select_related("profile").get(number="A-1")
    assert (account.certified_name, account.profile.contact) == ("Harbour Light Trading Co.", "Li")
    assert account.profile.address == "1 Quay"


def test_an_excel_file_from_china_is_read(run):
    assert run(*ROWS, encoding="gb18030").startswith("3 created")
    assert Account.objects.get(number="A-2").certified_name == "李雷"


def test_each_wrong_row_is_named_by_line_and_nothing_is_written(refused):
    wrong = [
        ROWS[0],
        "A-1,Twice,CNY,,,,,,,",
        "A-4,Bad currency,XXX,,,,,,,",
        "A-5,No phone,CNY,,1 Quay,Mei,,contracts@harbour.example,,",
        "A-6,Bad owner,CNY,,,,,,mei,other@harbour.example",
        "A-7,Too,few",
    ]
    sentence, lines = refused(*wrong)
    assert "5 of 6 rows are wrong, so nothing of" in sentence
    assert [line.partition(":")[0] for line in lines] == [
        "line 3, number",
        "line 4, currency",
        "line 5, phone",
        "line 6, owner_username",
        "line 7",
    ]
    assert not Account.objects.exists()
    assert not get_user_model().objects.filter(username="mei").exists()


def test_the_other_rows_are_written_on_request(run):
    rows = [ROWS[0], "A-4,Bad currency,XXX,,,,,,,"]
    assert run(*rows, arguments=("--skip-errors",)) == "1 created, 0 updated, 0 unchanged, 1 failed."
    assert list(Account.objects.values_list("number", flat=True)) == ["A-1"]


def test_a_number_is_not_repeated_in_a_later_batch(refused, monkeypatch):
    monkeypatch.setattr("accounts.provisioning.files.BATCH_ROWS", 1)
    _sentence, lines = refused(ROWS[0], ROWS[0])
    assert lines == ["line 3, number: Account A-1 is already on line 2."]


@pytest.mark.parametrize("header", ["number,name", f"{HEADER},fax", f"{HEADER},name"])
def test_a_wrong_header_is_refused(refused, header):
    sentence, _lines = refused(header=header)
    assert "Nothing was written." in sentence
