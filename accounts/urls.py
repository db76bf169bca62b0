from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import (
    certification,
    choosing,
    details,
    members,
    passwords,
    provider,
    security,
    settings,
    sign_in,
    tokens,
)

urlpatterns = [
    path("login/", sign_in.SignInView.as_view(), name="login"),
    path("login/", sign_in.SignInView.as_view(), name="account_login"),  # allauth's name for it
    path("login/second-step/", sign_in.SecondStepView.as_view(), name="mfa_authenticate"),
    path("login/passkey/", sign_in.PasskeySignInView.as_view(), name="mfa_login_webauthn"),
    path("login/company/", provider.company, name="provider-company"),
    path("login/provider/<str:key>/", provider.start, name="provider"),
    path("login/provider/<str:key>/callback/", provider.callback, name="provider-callback"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", passwords.forgotten, name="password-reset"),
    path("password/sent/", passwords.sent, name="password-reset-sent"),
    path("password/<uidb64>/<token>/", passwords.PasswordResetConfirmView.as_view(), name="password-reset-confirm"),
    path("account/password/", passwords.change, name="account-password"),
    path("account/choose/", choosing.choose_account, name="account-choose"),
    path("account/certification/", certification.certification, name="account-certification"),
    path("account/details/", details.details, name="account-details"),
    path("account/members/", members.member_list, name="account-members"),
    path("account/members/<int:pk>/", members.change, name="account-member"),
    path("account/members/<int:pk>/remove/", members.remove, name="account-member-remove"),
    path("account/security/", security.security, name="account-security"),
    path("account/security/confirm/", security.confirm, name="account-security-confirm"),
    path("account/security/app/", security.add_app, name="account-security-app"),
    path("account/security/passkey/", security.add_passkey, name="account-security-passkey"),
    path("account/security/recovery-codes/", security.recovery_codes, name="account-security-codes"),
    path("account/security/factors/<int:pk>/remove/", security.remove_factor, name="account-security-remove"),
    path("account/security/sessions/<int:pk>/end/", security.end_session, name="account-security-end-session"),
    path("account/security/sessions/end-others/", security.end_other_sessions, name="account-security-end-others"),
    path("account/settings/", settings.account_settings, name="account-settings"),
    path("account/tokens/", tokens.token_list, name="account-tokens"),
    path("account/tokens/create/", tokens.create, name="account-token-create"),
    path("account/tokens/<str:key>/revoke/", tokens.revoke, name="account-token-revoke"),
]
