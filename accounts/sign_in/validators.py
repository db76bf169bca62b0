"""Password validator for words that everybody who knows the product would try."""

import re
from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MIN_OWN_LETTERS = 4
"""Letters that must remain besides the words, digits and punctuation."""


class KnownWordsValidator:
    """Refuses passwords that consist of known words, digits and punctuation (ASVS 5.0, 6.2.11)."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(words, key=len, reverse=True)

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        own = password.lower()
        for word in self.words:
            own = own.replace(word, "")
        has_known_word = own != password.lower()
        if has_known_word and len(re.sub(r"[\W\d_]", "", own)) < MIN_OWN_LETTERS:
            raise ValidationError(_("This password is too easy to guess for this site."), code="known_words")

    def get_help_text(self) -> str:
        return _("Do not build it from the words of this site.")
