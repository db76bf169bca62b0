"""Write the searchable text of contracts, in the transaction that writes what it is made of."""

from collections.abc import Collection

from contracts.models import Contract, ContractSearch
from contracts.models.search import searchable_text


def store_search_entry(contract: Contract, *, products: Collection[tuple[str, str]]) -> None:
    """Store the searchable text of a new contract. `products`: name and code of each product, as drafted."""
    ContractSearch.objects.create(
        contract=contract, account_id=contract.account_id, text=_text_of(contract, dict.fromkeys(products))
    )


def renew_search_entry(contract: Contract) -> None:
    """Store the text anew after the remarks changed. Product names are those of the contract (R23)."""
    lines = contract.lines.values_list("snapshot__product_name", "order__product__code")
    text = _text_of(contract, dict.fromkeys(lines))
    ContractSearch.objects.filter(contract=contract).update(text=text)


def _text_of(contract: Contract, products: Collection[tuple[str, str]]) -> str:
    names = [name for name, _code in products]
    codes = [code for _name, code in products]
    return searchable_text(
        [contract.remarks, contract.po_number, contract.party_a["name"], *names],
        [contract.number, contract.po_number, *codes, *contract.order_numbers],
    )
