"""Pages of contracts: fetch within the account, validate, call one service and answer."""
