from django.urls import path

from accounts.views import certification, details, passwords, settings, tokens
from billing.views import ledger, overview
from webhooks import views as webhooks

urlpatterns = [
    path("password/", passwords.forgotten, name="password-reset"),
    path("password/sent/", passwords.sent, name="password-reset-sent"),
    path("password/<uidb64>/<token>/", passwords.Confirm.as_view(), name="password-reset-confirm"),
    path("account/password/", passwords.change, name="account-password"),
    path("account/", overview.account_page, name="account"),
    path("account/choose/", overview.choose_account, name="account-choose"),
    path("account/certification/", certification.certification, name="account-certification"),
    path("account/details/", details.details, name="account-details"),
    path("account/settings/", settings.account_settings, name="account-settings"),
    path("account/ledger/", ledger.ledger, name="account-ledger"),
    path("account/tokens/", tokens.token_list, name="account-tokens"),
    path("account/tokens/create/", tokens.create, name="account-token-create"),
    path("account/tokens/<str:key>/revoke/", tokens.revoke, name="account-token-revoke"),
    path("account/webhooks/", webhooks.endpoint_list, name="account-webhooks"),
    path("account/webhooks/new/", webhooks.new, name="account-webhook-new"),
    path("account/webhooks/<int:pk>/", webhooks.endpoint_page, name="account-webhook"),
    path("account/webhooks/<int:pk>/edit/", webhooks.edit, name="account-webhook-edit"),
    path("account/webhooks/<int:pk>/test/", webhooks.send_test, name="account-webhook-test"),
    path("account/webhooks/<int:pk>/switch/", webhooks.switch, name="account-webhook-switch"),
    path("account/webhooks/<int:pk>/rotate/", webhooks.rotate, name="account-webhook-rotate"),
    path("account/webhooks/<int:pk>/delete/", webhooks.delete, name="account-webhook-delete"),
    path(
        "account/webhooks/<int:pk>/deliveries/<int:delivery_pk>/",
        webhooks.delivery_page,
        name="account-webhook-delivery",
    ),
    path(
        "account/webhooks/<int:pk>/deliveries/<int:delivery_pk>/again/",
        webhooks.send_again,
        name="account-webhook-again",
    ),
]
