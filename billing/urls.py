from django.urls import path

from billing.views import ledger, overview

urlpatterns = [
    path("account/", overview.account_page, name="account"),
    path("account/ledger/", ledger.ledger, name="account-ledger"),
    path("account/ledger/export/", ledger.export_ledger, name="account-ledger-export"),
]
