"""Two requests at once use a code once, never remove the last factor that must stay, nor give two people an address."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User

from accounts.sign_in.email_change import confirm_email_change, request_email_change
from accounts.sign_in.emails import ADDRESS_TOKENS
from accounts.sign_in.second_factor import add_passkey, remove_factor, verify_code
from common.errors import Refused
from emails.models import Notice
from tests import factories
from tests.accounts.sign_in.codes import code_now, with_app
from tests.contracts.test_concurrency import at_once

pytestmark = [pytest.mark.exhaustive, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_a_code_signs_in_once():
    user = factories.UserFactory()
    codes = [*with_app(user)[:1], code_now()]
    for code in codes:
        used = at_once([lambda code=code: verify_code(user=user, code=code) for _ in range(4)])
        assert sum(isinstance(factor, Authenticator) for factor in used) == 1


def test_the_last_factor_stays():
    user = factories.UserFactory()
    with_app(user)
    add_passkey(user=user, name="laptop", credential={})
    keys = list(user.authenticator_set.exclude(type="recovery_codes").values_list("pk", flat=True))
    done = at_once([lambda pk=pk: remove_factor(user=user, pk=pk, is_required=True) for pk in keys])
    assert [isinstance(outcome, Refused) for outcome in done].count(True) == 1
    assert user.authenticator_set.exclude(type="recovery_codes").count() == 1


def test_two_people_never_get_one_address():
    users = [factories.UserFactory() for _ in range(4)]
    for user in users:
        request_email_change(user=user, email="shared@customer.example")
    tokens = [
        ADDRESS_TOKENS.sign(str(notice.pk)) for notice in Notice.objects.filter(kind="address_link").order_by("pk")
    ]
    confirming = zip(users, tokens, strict=True)
    done = at_once(
        [lambda user=user, token=token: confirm_email_change(user=user, token=token) for user, token in confirming]
    )
    assert [isinstance(outcome, Refused) for outcome in done].count(True) == 3
    assert User.objects.filter(email="shared@customer.example").count() == 1
