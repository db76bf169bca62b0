from tests.contracts.pages.conftest import draft, official, stranger, viewer, visit, voided

__all__ = ["draft", "official", "stranger", "viewer", "visit", "voided"]
