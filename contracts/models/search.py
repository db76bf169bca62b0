"""The searchable text of contracts: what a contract says, in a form that one trigram index finds parts of (R17)."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Contains
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from common.normal_forms import normalise_identifier, normalise_line

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MIN_PART = 3
"""Shorter texts of Latin letters and digits have no trigram, and are searched at the beginning of words."""


def fold(text: str) -> str:
    """Return `text` in ASCII, so that the index finds parts of it whatever the database's locale.

    Letters and digits are in lower case, each other letter (such as a Chinese character) is a dot and its code point in
    four digits of base 36 with capitals, and everything else is one space. Parts of texts are parts of their folded
    form.
    """
    folded: list[str] = []
    for char in unicodedata.normalize("NFKC", normalise_line(text)).casefold():
        if char.isascii() and char.isalnum():
            after_code = bool(folded) and folded[-1].startswith(".")
            folded.append(f" {char}" if after_code else char)
        elif char.isalnum() or unicodedata.category(char).startswith("M"):
            folded.append(_encode(ord(char)))
        elif folded and not folded[-1].endswith(" "):
            folded.append(" ")
    return "".join(folded).strip()


def _encode(number: int) -> str:
    code = ""
    for _place in range(4):
        number, digit = divmod(number, 36)
        code = DIGITS[digit] + code
    return f".{code}"


def searchable_text(texts: Iterable[str], identifiers: Iterable[str]) -> str:
    """Return the stored form: each distinct text once, a space before and after it.

    Identifiers are found with and without their dashes and spaces.
    """
    folded = [fold(text) for text in texts]
    for identifier in identifiers:
        folded += [fold(identifier), fold(normalise_identifier(identifier))]
    return f" {'  '.join(dict.fromkeys(filter(None, folded)))} "


def search_condition(text: str, path: str = "") -> Q | None:
    """Return the condition on the stored form that it has `text`; None if there is nothing to search for.

    `path`: to the relation ContractSearch, with its `__`.
    """
    parts = dict.fromkeys(filter(None, (fold(text), fold(normalise_identifier(text)))))
    condition = None
    for part in parts:
        is_short = len(part) < MIN_PART
        one = Q((f"{path}text__contains", f" {part}" if is_short else part))
        condition = one if condition is None else condition | one
    return condition


class FoldedTextField(models.TextField):
    """Text in the form of `searchable_text`."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


@FoldedTextField.register_lookup
class ExactlyContains(Contains):
    """`contains` that distinguishes case on SQLite too, whose LIKE does not."""

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"INSTR({column}, %s) > 0", [*parameters, self.rhs]


class ContractSearch(models.Model):
    """A contract's numbers, remarks, products and Party A's name, in the form of `searchable_text`.

    A table of its own, because changes of a contract's status would write its index entries again. `account` and the
    contract never change; the text changes with the remarks. PostgreSQL has a trigram index on the text
    (contracts/migrations/0001_initial.py).
    """

    contract = models.OneToOneField(
        "contracts.Contract", models.CASCADE, primary_key=True, related_name="search_entry", verbose_name=_("contract")
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("account"))
    text = FoldedTextField()

    class Meta:
        verbose_name = _("searchable text of a contract")
        verbose_name_plural = _("searchable texts of contracts")

    def __str__(self) -> str:
        return str(self.contract_id)
