"""What an authenticator app shows (RFC 6238), computed here from the standard alone; and steps of signing in."""

import hmac
import re
from base64 import b32decode
from datetime import timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts.sign_in.second_factor import add_totp

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 6238's test vectors: "12345678901234567890" in base 32."""
STEP = timedelta(seconds=30)


def code_at(seconds: float, secret: str = SECRET) -> str:
    """Return the six digits shown `seconds` after 1970."""
    counter = int(seconds) // 30
    digest = hmac.new(b32decode(secret), counter.to_bytes(8, "big"), "sha1").digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def code_now(secret: str = SECRET, *, steps: int = 0) -> str:
    """Return the code of now, or of so many steps from now."""
    return code_at(timezone.now().timestamp() + steps * 30, secret)


def with_app(user: User) -> list[str]:
    """Add an authenticator app with SECRET to the user by an old code; return the recovery codes."""
    return add_totp(user=user, secret=SECRET, code=code_now(steps=-1))


def enter_password(client: Client, user: User, *, page: str = "/login/", following: str = "/orders/"):
    return client.post(page, {"username": user.username, "password": "secret", "next": following})


def enter_code(client: Client, code: str):
    return client.post("/login/second-step/", {"code": code})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def secret_on(page: str) -> str:
    """Return the secret that the page for adding an app shows."""
    [shown] = re.findall(r'class="code secret"[^>]*>([A-Z2-7 ]+)<', page)
    return shown.replace(" ", "")
