"""Import orders: parse rows (`rows`), store them in batches (`batches`), read CSV files (`files`)."""

from orders.importing.batches import Outcome, write_orders
from orders.importing.files import ImportSummary, import_file
from orders.importing.rows import COLUMNS, OrderRow, read_row

__all__ = ["COLUMNS", "ImportSummary", "OrderRow", "Outcome", "import_file", "read_row", "write_orders"]
