"""Facts that a feed may omit, and the declaration of all facts."""

import pytest
from django.db import models

from orders.facts import FACTS, OPTIONAL, Type
from orders.models import Order
from tests import factories
from tests.orders.sheets import UNPAID, run, sheet

FIELD_TYPES = {
    Type.TEXT: models.CharField,
    Type.CHOICE: models.CharField,
    Type.COUNT: models.IntegerField,
    Type.AMOUNT: models.DecimalField,
    Type.TIME: models.DateTimeField,
    Type.PERCENT: models.DecimalField,
    Type.PAIRS: models.JSONField,
    Type.LIST: models.JSONField,
}


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_file_without_an_optional_column_keeps_the_value_and_an_empty_cell_clears_it(tmp_path, monkeypatch):
    monkeypatch.setattr("orders.facts.OPTIONAL", (*OPTIONAL, "region"))
    factories.AccountFactory(number=UNPAID["account"])
    row = UNPAID | {"quantity": "3"}
    without = [column for column in UNPAID if column != "region"]
    del row["region"]

    def import_one(row, **options):
        run(sheet(tmp_path, row, **options))
        order = Order.objects.get()
        return order.region, order.quantity

    assert import_one(row, columns=without) == ("", 3)
    assert import_one(UNPAID) == ("cn-shanghai", 2)
    assert import_one(row, columns=without) == ("cn-shanghai", 3)
    assert import_one(UNPAID | {"region": ""}) == ("", 2)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_has_a_model_field_of_its_type(fact):
    assert isinstance(fact.field, FIELD_TYPES[fact.type])
    if fact.optional:
        assert fact.field.blank
        follows = fact.name == "payment_deadline"  # from the order time (R10)
        assert fact.field.null or fact.field.has_default() or follows
