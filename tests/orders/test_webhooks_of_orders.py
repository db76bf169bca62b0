"""My program is told when an order is cancelled, whoever cancels it."""
