"""The export of contracts (R43)."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounts.models import Account
from common.tables import Format, Table
from contracts.bulk.filters import ContractFilter
from contracts.bulk.tables import CONTRACT_COLUMNS, CUSTOMER_COLUMNS, contract_sheets, order_line_table
from contracts.models import Contract, ContractOrder
from exports.exporters import Exporter, Parameters, register_exporter, with_days
from exports.office import OfficeExporter, get_listed_rows, register_office_exporter


def _filter_of(parameters: Parameters) -> ContractFilter:
    lists = {name: tuple(parameters.get(name, ())) for name in ("numbers", "statuses")}
    return ContractFilter(**with_days(parameters) | lists)


def _count_lines(contracts: "QuerySet[Any]", most: int) -> int:
    return ContractOrder.objects.filter(contract__in=contracts.order_by().values("pk")).order_by()[:most].count()


def _count(account: Account, parameters: Parameters, now: datetime, most: int) -> int:
    return _count_lines(_filter_of(parameters).find(account, now), most)


def _tables(account: Account, parameters: Parameters, now: datetime, format_: Format) -> list[Table]:
    contracts = _filter_of(parameters).find(account, now)
    return [order_line_table(contracts)] if format_ == "csv" else contract_sheets(contracts)


def _count_listed(user: User, parameters: Parameters, _now: datetime, most: int) -> int:
    return _count_lines(get_listed_rows(Contract, user, parameters["query"]), most)


def _listed_tables(user: User, parameters: Parameters, _now: datetime, format_: Format) -> list[Table]:
    contracts: Any = get_listed_rows(Contract, user, parameters["query"])
    columns = CUSTOMER_COLUMNS + CONTRACT_COLUMNS
    return [order_line_table(contracts, columns)] if format_ == "csv" else contract_sheets(contracts, columns)


OFFICE_CONTRACTS = register_office_exporter(
    OfficeExporter("contracts", "contracts.view_contract", _count_listed, _listed_tables)
)
CONTRACTS = register_exporter(Exporter("contracts", _count, _tables))
