from django.urls import path

from api import (
    account_members,
    accounts,
    approvals,
    batches,
    contract_files,
    contracts,
    events,
    orders,
    verify,
    void_tickets,
    webhooks,
)
from api import documents as files
from api import order_detail as order
from api import order_import as feeding
from api import webhook_deliveries as deliveries
from api.account import AccountView

urlpatterns = [
    path("account/", AccountView.as_view()),
    path("accounts/", accounts.AccountListView.as_view()),
    path("accounts/import/", accounts.AccountImportView.as_view()),
    path("accounts/<str:number>/", accounts.AccountDetailView.as_view()),
    path("accounts/<str:number>/members/", account_members.MemberListView.as_view()),
    path("accounts/<str:number>/members/<str:username>/", account_members.MemberDetailView.as_view()),
    path("orders/", orders.OrderListView.as_view()),
    path("orders/import/", feeding.ImportView.as_view()),
    path("orders/<order_number:number>/pay/", order.PayView.as_view()),
    path("orders/<order_number:number>/cancel/", order.CancelView.as_view()),
    path("orders/<order_number:number>/", order.OrderDetailView.as_view()),
    path("contracts/", contracts.ContractListView.as_view()),
    path("contracts/export/", contract_files.ContractExportView.as_view()),
    path("contracts/download/", contract_files.ContractDownloadView.as_view()),
    path("contracts/batches/", batches.BatchListView.as_view()),
    path("contracts/batches/<int:pk>/", batches.BatchDetailView.as_view()),
    path("exports/<uuid:pk>/", contract_files.ExportView.as_view()),
    path("exports/<uuid:pk>/file/", contract_files.ExportFileView.as_view()),
    path("contracts/<str:number>/", contracts.ContractDetailView.as_view()),
    path("contracts/<str:number>/convert/", contracts.ConvertView.as_view()),
    path("contracts/<str:number>/approval/", approvals.ApprovalView.as_view()),
    path("contracts/<str:number>/approval/decision/", approvals.DecisionView.as_view()),
    path("contracts/<str:number>/void/", contracts.VoidView.as_view()),
    path("contracts/<str:number>/void-tickets/", void_tickets.VoidTicketsView.as_view()),
    path("contracts/<str:number>/document/", files.DocumentView.as_view()),
    path("contracts/<str:number>/data/", files.DataView.as_view()),
    path("contracts/<str:number>/void-certificate/", files.VoidCertificateView.as_view()),
    path("events/", events.EventListView.as_view()),
    path("verify/", verify.VerifyFileView.as_view()),
    path("verify/<str:code>/", verify.VerifyCodeView.as_view()),
    path("contracts/<str:number>/evidence/", files.EvidenceView.as_view()),
    path("webhooks/", webhooks.EndpointListView.as_view()),
    path("webhooks/<int:pk>/", webhooks.EndpointDetailView.as_view()),
    path("webhooks/<int:pk>/rotate-secret/", webhooks.RotateSecretView.as_view()),
    path("webhooks/<int:pk>/test/", deliveries.TestView.as_view()),
    path("webhooks/<int:pk>/redeliver/", deliveries.ResendView.as_view()),
    path("webhooks/<int:pk>/deliveries/", deliveries.DeliveryListView.as_view()),
    path("webhooks/<int:pk>/deliveries/<int:delivery_pk>/redeliver/", deliveries.RedeliverView.as_view()),
]
