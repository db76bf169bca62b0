"""Passwords made of the words of this site are refused, however they are decorated; other words may be in them."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    "password", ["Contract-2026!", "financeadmin1", "hetong!hetong", "CONTRACTCENTRE", "1contract.a"]
)
def test_known_words_alone_are_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "known_words" in [error.code for error in refused.value.error_list]


@pytest.mark.parametrize(
    "password", ["contract of the river", "a-long-walk-by-the-river", "kT9#vv2!pQ", "合同里的一条大河向东流"]
)
def test_others_are_accepted(password):
    validate_password(password)
