"""Orders from outside: read as text (rows), written in batches (batches), from a CSV file (files)."""

from orders.importing.batches import Outcome, Written, write_orders
from orders.importing.files import Summary, import_file
from orders.importing.rows import COLUMNS, OrderRow, read_row

__all__ = ["COLUMNS", "OrderRow", "Outcome", "Summary", "Written", "import_file", "read_row", "write_orders"]
