"""Adapters of django-allauth, which runs the second step of signing in (docs/decisions/0036)."""

from base64 import urlsafe_b64encode
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


class SignInAdapter(DefaultAccountAdapter):
    """Sign in by password, then by the second step if the user has one. Sign-up and allauth's messages are off."""

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def login(self, request: HttpRequest, user: User) -> None:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("login")

    def add_message(self, *given: Any, **named: Any) -> None:
        """Write nothing: our views have their own words."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Names shown by authenticator apps and browsers, and encryption of stored secrets."""

    def get_totp_issuer(self) -> str:
        return self._get_site_name()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def _get_site_name(self) -> str:
        return _("Electronic Contract Centre")

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        return ValidationError(_("This does not match. Try again."), code=code)


def encrypt(text: str) -> str:
    """Encrypt a secret, so that a copy of the database does not contain it. The key depends on SECRET_KEY."""
    return _get_cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Raises cryptography.fernet.InvalidToken if SECRET_KEY was replaced."""
    return _get_cipher().decrypt(encrypted).decode()


def can_decrypt(encrypted: str) -> bool:
    """Return False if SECRET_KEY was replaced since."""
    try:
        decrypt(encrypted)
    except InvalidToken:
        return False
    return True


def _get_cipher() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factor").derive(settings.SECRET_KEY.encode())
    return Fernet(urlsafe_b64encode(key))
