from django.urls import path

from accounts.views import certification, choosing, details, invitations, members, passwords, settings, tokens

urlpatterns = [
    path("password/", passwords.forgotten, name="password-reset"),
    path("password/sent/", passwords.sent, name="password-reset-sent"),
    path("password/<uidb64>/<token>/", passwords.PasswordResetConfirmView.as_view(), name="password-reset-confirm"),
    path("account/password/", passwords.change, name="account-password"),
    path("account/choose/", choosing.choose_account, name="account-choose"),
    path("account/certification/", certification.certification, name="account-certification"),
    path("account/details/", details.details, name="account-details"),
    path("account/members/", members.member_list, name="account-members"),
    path("account/members/invite/", invitations.invite, name="account-member-invite"),
    path("account/members/invitations/<uuid:pk>/resend/", invitations.resend, name="account-member-resend"),
    path("account/members/invitations/<uuid:pk>/withdraw/", invitations.withdraw, name="account-member-withdraw"),
    path("account/members/<int:pk>/", members.change, name="account-member"),
    path("account/members/<int:pk>/remove/", members.remove, name="account-member-remove"),
    path("invitations/<str:secret>/", invitations.accept, name="invitation"),
    path("account/settings/", settings.account_settings, name="account-settings"),
    path("account/tokens/", tokens.token_list, name="account-tokens"),
    path("account/tokens/create/", tokens.create, name="account-token-create"),
    path("account/tokens/<str:key>/revoke/", tokens.revoke, name="account-token-revoke"),
]
