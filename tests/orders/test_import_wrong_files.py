"""A file with something wrong in it: told by line, column and reason, and nothing is written unless asked."""

import pytest
from django.core.management import CommandError

from orders.models import Order, Product
from tests import factories
from tests.orders.sheets import PAID, UNPAID, numbered, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WRONG = UNPAID | {"number": "FO-wrong", "quantity": "0"}


@pytest.fixture(autouse=True)
def _account(db):
    factories.AccountFactory(number="10000001")


def refusal(file, *options) -> str:
    with pytest.raises(CommandError) as error:
        run(file, *options)
    assert error.value.returncode == 1
    return str(error.value)


def test_one_wrong_row_and_nothing_of_the_file_is_written(tmp_path, capsys):
    said = refusal(sheet(tmp_path, UNPAID, WRONG, PAID | {"number": "FO2"}))
    assert "1 of 3 rows are wrong, so nothing of" in said
    assert capsys.readouterr().err == "line 3, quantity: '0' is not a whole number from 1 to 2147483647.\n"
    assert not Order.objects.exists()
    assert not Product.objects.exists()


def test_skipping_errors_writes_the_sound_rows_and_reports_the_wrong_ones(tmp_path, capsys):
    run(sheet(tmp_path, UNPAID, WRONG, PAID | {"number": "FO2"}), "--skip-errors")
    out, err = capsys.readouterr()
    assert "2 created, 0 updated, 0 unchanged, 1 failed." in out
    assert err.startswith("line 3, quantity: ")
    assert {order.number for order in Order.objects.all()} == {UNPAID["number"], "FO2"}


def test_a_wrong_row_of_a_later_batch_undoes_the_ones_before(tmp_path, monkeypatch):
    monkeypatch.setattr("orders.importing.files.BATCH_ROWS", 10)
    assert "1 of 36 rows" in refusal(sheet(tmp_path, *numbered(35), WRONG))
    assert not Order.objects.exists()


def test_a_product_that_only_a_refused_row_names_is_not_created(tmp_path):
    factories.OrderFactory(number="FO9", account__number="20000002")
    taken = UNPAID | {"number": "FO9", "product_code": "only-here"}
    run(sheet(tmp_path, taken), "--skip-errors")
    assert not Product.objects.filter(code="only-here").exists()


def test_a_row_without_its_account_is_named(tmp_path, capsys):
    refusal(sheet(tmp_path, UNPAID | {"account": "99999999"}))
    assert capsys.readouterr().err == "line 2, account: There is no account 99999999.\n"


def test_a_number_that_stands_twice_is_named_with_both_lines(tmp_path, capsys):
    refusal(sheet(tmp_path, *numbered(3), UNPAID, *numbered(1)))
    assert capsys.readouterr().err == "line 6, number: Order FO200000000 is already on line 2.\n"


def test_a_number_that_stands_twice_is_found_across_batches(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("orders.importing.files.BATCH_ROWS", 2)
    refusal(sheet(tmp_path, *numbered(5), *numbered(1)))
    assert capsys.readouterr().err == "line 7, number: Order FO200000000 is already on line 2.\n"


def test_the_line_is_the_one_in_the_file_whatever_stood_before(tmp_path, capsys):
    file = sheet(tmp_path, UNPAID | {"configuration": "two\nlines"}, WRONG)
    file.write_text(file.read_text(encoding="utf-8").replace("two\n", "\n\ntwo\n"), encoding="utf-8")
    refusal(file)
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "line 2, configuration",
        "line 6, quantity",
    ]


def test_errors_come_in_the_order_of_lines_whatever_found_them(tmp_path, capsys):
    refusal(sheet(tmp_path, UNPAID | {"account": "99999999"}, WRONG, UNPAID | {"number": "FO3", "account": "8"}))
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == ["line 2", "line 3", "line 4"]


def test_two_hundred_errors_are_told_and_the_rest_counted(tmp_path, capsys):
    rows = [row | {"quantity": "none", "kind": "none"} for row in numbered(120)]
    assert "120 of 120 rows are wrong" in refusal(sheet(tmp_path, *rows))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 201
    assert lines[-1] == "and 40 more."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line.replace("FO100000001,", ""), "line 2: 16 fields; the header has 17."),
        (lambda line: line + ",more", "line 2: 18 fields; the header has 17."),
        (lambda line: line.replace("cn-shanghai", '"cn"-shanghai'), "line 2: Not valid CSV: "),
        (lambda line: line.replace("cn-shanghai", '"cn-shanghai'), "line 2: Not valid CSV: unexpected end of data"),
        (lambda line: "x" * 200_000, "line 2: Not valid CSV: field larger than field limit"),
    ],
)
def test_a_line_that_is_no_row_is_told(tmp_path, capsys, change, said):
    file = sheet(tmp_path, UNPAID)
    header, line = file.read_text(encoding="utf-8").splitlines()
    file.write_text(f"{header}\n{change(line)}\n", encoding="utf-8")
    refusal(file)
    assert capsys.readouterr().err.startswith(said)


def test_after_a_line_that_is_no_csv_the_next_ones_are_read(tmp_path, capsys):
    file = sheet(tmp_path, UNPAID, *numbered(2))
    file.write_text(file.read_text(encoding="utf-8").replace("cn-shanghai", '"cn"-shanghai', 1), encoding="utf-8")
    run(file, "--skip-errors")
    assert "2 created, 0 updated, 0 unchanged, 1 failed." in capsys.readouterr().out


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path):
    file = sheet(tmp_path, *numbered(1), UNPAID | {"product_name": "Müller"})
    file.write_bytes(file.read_text(encoding="utf-8").replace("弹性计算", "").encode("latin-1"))
    said = refusal(file, "--skip-errors")
    assert "Line 3 is not UTF-8 text. Save the file as “CSV UTF-8”." in said
    assert "Nothing was written." in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "The file is empty"),
        ("number,account", "missing columns: product_code, product_name, kind, configuration"),
        (",".join(UNPAID) + ",colour", "unknown columns: 'colour'"),
        (",".join(UNPAID) + ",number", "duplicate columns: number"),
        (";".join(UNPAID), "separated by commas"),
        (",".join(UNPAID).replace("region", '"region'), "Line 1 is not valid CSV"),
        (",".join(UNPAID).encode("utf-16"), "Line 1 is not UTF-8 text"),
        (b"\xff\xfe\x00", "Line 1 is not UTF-8 text"),
    ],
)
def test_a_wrong_header_is_told_and_nothing_read(tmp_path, header, said):
    file = tmp_path / "orders.csv"
    file.write_bytes(header if isinstance(header, bytes) else header.encode())
    message = refusal(file, "--skip-errors")
    assert said in message
    assert "Nothing was written." in message


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "No such file" in refusal(tmp_path / "nowhere.csv")
    assert "Is a directory" in refusal(tmp_path)


@pytest.mark.rule("R46")
def test_a_header_of_very_many_columns_is_reported_in_short(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join([*UNPAID, *(f"column{i}" for i in range(100_000))]) + "\n")
    said = refusal(path)
    assert "unknown columns: 'column0'" in said
    assert len(said) < 2000
