from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.models import Account
from contracts.api.auth import member


class AccountView(APIView):
    def get(self, request: Request) -> Response:
        own_account = member(request).own_account
        account = Account.objects.select_related("profile", "remittance_account").get(pk=own_account.pk)
        own = getattr(account, "remittance_account", None)
        profile = getattr(account, "profile", None)
        return Response(
            {
                "number": account.number,
                "name": account.certified_name,
                "certification": account.certification,
                "time_zone": account.time_zone,
                "party_a": profile.details() if profile else None,
                "remittance_account": own
                and {"payee": own.payee, "bank": own.bank, "account_number": own.account_number},
                "balance": f"{account.balance:.2f}",
                "currency": account.currency,
            }
        )
