"""Products that an import brings: closed to contracts until someone opens them (R6)."""

import pytest

from orders.models import Product
from tests import factories
from tests.orders.sheets import UNPAID, numbered, run, sheet

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R6"), pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _account(db):
    factories.AccountFactory(number="10000001")


def rows(*codes):
    return [
        row | {"product_code": code, "product_name": code.title()}
        for row, code in zip(numbered(len(codes)), codes, strict=True)
    ]


def test_new_products_are_created_closed_counted_and_named(tmp_path, capsys):
    run(sheet(tmp_path, *rows("storage", "compute", "storage")))
    assert dict(Product.objects.values_list("code", "supports_contracts")) == {"compute": False, "storage": False}
    assert "New products (2), closed to contracts until staff open them: storage, compute.\n" in capsys.readouterr().out


def test_new_products_are_created_open_where_asked(tmp_path, capsys):
    run(sheet(tmp_path, *rows("storage")), "--support-new-products")
    assert Product.objects.get().supports_contracts
    assert "New products (1), open to contracts: storage." in capsys.readouterr().out


def test_of_very_many_new_products_the_first_are_named(tmp_path, capsys):
    run(sheet(tmp_path, *rows(*(f"p{i}" for i in range(60)))))
    line = capsys.readouterr().out.splitlines()[1]
    assert line.startswith("New products (60)")
    assert line.endswith("p48, p49 and 10 more.")


def test_the_first_row_names_a_new_product(tmp_path):
    first, second = rows("storage", "storage")
    run(sheet(tmp_path, first, second | {"product_name": "Another name"}))
    assert Product.objects.get().name == "Storage"


@pytest.mark.parametrize("open_before", [True, False])
def test_a_known_product_stays_as_staff_made_it(tmp_path, capsys, open_before):
    factories.ProductFactory(code=UNPAID["product_code"], name="Staff's own name", supports_contracts=open_before)
    run(sheet(tmp_path, UNPAID), "--support-new-products")
    product = Product.objects.get()
    assert (product.name, product.supports_contracts) == ("Staff's own name", open_before)
    assert "New products" not in capsys.readouterr().out
