"""The API of orders and contracts. Thin: find what the caller may see, validate, call one service, answer."""
