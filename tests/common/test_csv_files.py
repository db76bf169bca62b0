"""One reader for CSV files of orders and of statements: it reads what spreadsheets write."""

import random
from contextlib import suppress
from io import BytesIO

import pytest
from django.core.management import CommandError

from billing.bank_statement_csv import read_statement_lines
from common.csv_files import BLOCK_BYTES, describe_spreadsheet_damage, open_csv, read_csv
from common.errors import Refused
from orders.models import Order
from tests.factories import AccountFactory
from tests.orders.sheets import UNPAID, run, sheet

HEADER = "bank_reference,remittance_account,amount,currency,note"
LINE = "CMB-1,1219,5,CNY,蓝河科技有限公司货款"
ODD_ENDS = {
    "trailing commas": lambda text: text.replace("\r\n", ",,,\r\n"),
    "trailing commas in the header": lambda text: text.replace("\r\n", ",,\r\n", 1),
    "rows of commas": lambda text: text + ",,,,,,,,,,,,,,,,\r\n , ,\r\n",
    "Ctrl-Z": lambda text: text + "\x1a",
    "Ctrl-Z on the last row": lambda text: text.removesuffix("\r\n") + "\x1a",
    "Ctrl-Z on a line": lambda text: text + "\x1a\r\n",
    "byte order mark": lambda text: "\ufeff" + text,
    "capitals": lambda text: text.replace(text.splitlines()[0], text.splitlines()[0].upper()),
}
any_odd_end = pytest.mark.parametrize("odd", ODD_ENDS.values(), ids=ODD_ENDS)
any_encoding = pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])


@any_odd_end
@any_encoding
def test_a_statement(odd, encoding):
    text = odd(f"{HEADER}\r\n{LINE}\r\n").removeprefix("\ufeff" if encoding == "gb18030" else "")
    [line], faults = read_statement_lines(text.encode(encoding))
    assert (line.line, line.bank_reference, line.note, faults) == (2, "CMB-1", "蓝河科技有限公司货款", [])


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
@any_odd_end
@any_encoding
def test_a_file_of_orders(odd, encoding, tmp_path):
    AccountFactory(number=UNPAID["account"])
    file = sheet(tmp_path, UNPAID)
    with file.open(encoding="utf-8", newline="") as written:
        text = odd(written.read()).removeprefix("\ufeff" if encoding == "gb18030" else "")
    file.write_bytes(text.encode(encoding))
    run(file)
    assert Order.objects.get().product.name == "Elastic Compute 弹性计算"


@pytest.mark.parametrize(
    "text", ["Müller", "café au lait", "Österreich, Köln, Zürich", "naïve façade", "Привет", "señal", "Smörgåsbord ÅÄÖ"]
)
def test_text_of_the_west_is_not_taken_for_chinese(text):
    encoding = "cp1251" if text == "Привет" else "cp1252"
    with pytest.raises(Refused, match="Line 2 is not UTF-8 text"):
        read_statement_lines(f"{HEADER}\nCMB-1,1219,5,CNY,{text}\n".encode(encoding))


@pytest.mark.parametrize("name", ["王喆有限公司", "Redis缓存服务", "上海镕基（集团）", "订单：“云”—1", "张"])
def test_names_in_chinese_are_read_from_gb18030(name):
    [line], _faults = read_statement_lines(f"{HEADER}\nCMB-1,1219,5,CNY,{name}\n".encode("gb18030"))
    assert line.note == name


@pytest.mark.parametrize("before_the_edge", range(5))
def test_a_character_over_the_edge_of_two_blocks_is_read(before_the_edge):
    before = "a,b\n" + f"{'x' * 100_000},y\n" * 10
    text = before + "x" * (BLOCK_BYTES - len(before) - len(",") - before_the_edge) + ",云\n"
    for encoding in ("utf-8", "gb18030"):
        [*_, row] = read_csv(open_csv(BytesIO(text.encode(encoding))), required=["a", "b"])
        assert row.cells[1] == "云"
    with pytest.raises(Refused, match="Line 12 is not UTF-8 text"):
        open_csv(BytesIO(text.encode()[:-2] + b"\xff\n"))


def test_bytes_at_random_are_read_or_refused():
    chance = random.Random(1)
    for _ in range(500):
        content = bytes(chance.choice(b'a,b\r\n"\x1a\x00\xb5\xe7\xff') for _ in range(chance.randrange(40)))
        with suppress(Refused):
            list(read_csv(open_csv(BytesIO(content)), required=["a"], optional=["b"]))


@pytest.mark.django_db
def test_an_unknown_column_is_refused_by_name(tmp_path):
    with pytest.raises(Refused, match="unknown columns: 'remark'"):
        read_statement_lines(f"{HEADER},remark\n{LINE},x\n".encode())
    with pytest.raises(CommandError, match="unknown columns: 'colour'"):
        run(sheet(tmp_path, UNPAID | {"colour": "red"}, columns=[*UNPAID, "colour"]))


def test_a_column_without_a_name_that_holds_something_is_refused():
    _lines, [fault] = read_statement_lines(f"{HEADER},,\n{LINE},,x\n".encode())
    assert fault.reason == "7 fields; the header has 5."


MANGLED = ["2.02611E+15", "2,02611e+15", "2E+20", "-1.5E-7", "####", "#REF!", "#NAME?", "#N/A!"]


@pytest.mark.parametrize("text", MANGLED)
def test_what_a_spreadsheet_has_mangled_is_refused(text):
    assert "A spreadsheet has turned this number into" in describe_spreadsheet_damage(text)


@pytest.mark.parametrize("text", ["", "2026112200017", "20E12345", "1E5", "E+15", "CMB-2.02611E+15", "#1001"])
def test_any_other_text_is_none_of_a_spreadsheets(text):
    assert describe_spreadsheet_damage(text) == ""


def test_mangled_columns_are_named():
    _lines, faults = read_statement_lines(f"{HEADER}\nCMB-1,1.21905E+21,5,CNY,\n".encode())
    assert [(fault.line, fault.column) for fault in faults] == [(2, "remittance_account")]


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("column", ["number", "account", "product_code"])
def test_mangled_columns_of_orders_are_named(column, tmp_path, capsys):
    with pytest.raises(CommandError):
        run(sheet(tmp_path, UNPAID | {column: "2.02611E+15"}))
    assert f"line 2, {column}: A spreadsheet has turned this number into 2.02611E+15." in capsys.readouterr().err
