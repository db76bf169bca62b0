from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import register_codes


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts and people")

    def ready(self) -> None:
        from accounts import emails  # noqa: F401, PLC0415 - it registers the kinds, and imports the models
        from accounts.sign_in.security_log import record_sign_ins  # noqa: PLC0415 - it imports the models

        register_codes({"account_not_certified": 403, "issuer_missing": 503})
        record_sign_ins()
