from django.urls import path

from billing.views import certification, details, ledger, overview, tokens

urlpatterns = [
    path("account/", overview.account_page, name="account"),
    path("account/choose/", overview.choose_account, name="account-choose"),
    path("account/certification/", certification.certification, name="account-certification"),
    path("account/details/", details.details, name="account-details"),
    path("account/ledger/", ledger.ledger, name="account-ledger"),
    path("account/tokens/", tokens.token_list, name="account-tokens"),
    path("account/tokens/create/", tokens.create, name="account-token-create"),
    path("account/tokens/<str:key>/revoke/", tokens.revoke, name="account-token-revoke"),
]
