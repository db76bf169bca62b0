"""Settings of sign-in that no environment variable changes: passwords, limits, the second factor."""

from datetime import timedelta
from typing import Any

KNOWN_WORDS = ["contract", "hetong", "electronic", "centre", "center", "finance", "caiwu", "console", "yunfan", "admin"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
    ),
    {"NAME": "accounts.sign_in.validators.KnownWordsValidator", "OPTIONS": {"words": KNOWN_WORDS}},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds that a mailed link works
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Five failures by one name from one address lock that pair; more limits are in accounts/sign_in/limits.py.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "accounts.sign_in.limits.SignInHandler"
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_CLIENT_IP_CALLABLE = "common.client_addresses.network_of"
AXES_DISABLE_ACCESS_LOG = True  # no record of successful sign-ins
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# django-allauth runs the second step (docs/decisions/0036). Its own limits count per process and are off.
ACCOUNT_ADAPTER = "accounts.sign_in.adapters.SignInAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
MFA_ADAPTER = "accounts.sign_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # recovery codes are ours
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds before and after the current one
MFA_PASSKEY_LOGIN_ENABLED = True
