"""The pages of contracts: fetch scoped, validate, call one service, answer."""
