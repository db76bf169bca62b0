from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _

from accounts.integrator_scopes import register_integrator_scope
from common.errors import register_codes


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts and people")

    def ready(self) -> None:
        from accounts import emails, member_emails  # noqa: F401, PLC0415 - they register kinds, and import models
        from accounts.access.security_log import record_sign_ins  # noqa: PLC0415 - as above
        from accounts.sign_in import emails as sign_in_emails  # noqa: F401, PLC0415 - as above
        from accounts.sign_in import password_links  # noqa: PLC0415 - as above
        from accounts.sign_in.sessions import note_sign_in  # noqa: PLC0415 - as above
        from emails.sending import EMAIL_SOURCES, EmailSource  # noqa: PLC0415 - as above

        register_codes({"account_not_certified": 403, "issuer_missing": 503})
        EMAIL_SOURCES.append(EmailSource(password_links.process_requests, password_links.find_oldest_request_time))
        record_sign_ins()
        register_integrator_scope("accounts", "accounts.integrate_accounts")
        user_logged_in.connect(note_sign_in)
