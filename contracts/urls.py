from django.urls import path, register_converter
from django.views.generic import RedirectView

from contracts.types import TYPES, ContractType
from contracts.views import (
    approvals,
    batches,
    bulk,
    changes,
    confirm,
    detail,
    listing,
    picker,
    several,
    verify,
)


class ContractTypeConverter:
    """A contract type in an address: `order`, `payment-request`."""

    regex = "|".join(type_.slug for type_ in TYPES.values())

    def to_python(self, slug: str) -> ContractType:
        return next(type_ for type_ in TYPES.values() if type_.slug == slug)

    def to_url(self, type_: ContractType | str) -> str:
        return str(type_).replace("_", "-")


register_converter(ContractTypeConverter, "contract_type")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="contract-list"), name="home"),
    path("contracts/", listing.contract_list, name="contract-list"),
    path("contracts/apply/", confirm.choose_type, name="contract-choose-type"),
    path("contracts/apply/<contract_type:type_>/", picker.picker, name="contract-apply"),
    path("contracts/apply/<contract_type:type_>/several/", several.several, name="contract-several"),
    path("contracts/apply/<contract_type:type_>/confirm/", confirm.confirm, name="contract-confirm"),
    path("contracts/decisions/", listing.decisions, name="contract-decisions"),
    path("contracts/export/", bulk.export_contracts, name="contract-export"),
    path("contracts/download/", bulk.download_contracts, name="contract-download"),
    path("contracts/batches/", batches.start, name="contract-batches"),
    path("contracts/batches/<int:pk>/", batches.batch, name="contract-batch"),
    path("contracts/<str:number>/", detail.contract_detail, name="contract-detail"),
    path("contracts/<str:number>/created/", confirm.created, name="contract-created"),
    path("contracts/<str:number>/document/", detail.document, name="contract-document"),
    path("contracts/<str:number>/void-certificate/", detail.void_certificate, name="contract-void-certificate"),
    path("contracts/<str:number>/evidence/", detail.evidence_bundle, name="contract-evidence"),
    path("contracts/<str:number>/pages/<int:page>.png", detail.page_picture, name="contract-page"),
    path("contracts/<str:number>/remarks/", changes.remarks, name="contract-remarks"),
    path("contracts/<str:number>/convert/", changes.convert, name="contract-convert"),
    path("contracts/<str:number>/approval/", approvals.request_approval, name="contract-request-approval"),
    path("contracts/<str:number>/approval/decision/", approvals.decide, name="contract-decide-approval"),
    path("contracts/<str:number>/approval/withdraw/", approvals.withdraw, name="contract-withdraw-approval"),
    path("contracts/<str:number>/void/", changes.void, name="contract-void"),
    path("contracts/<str:number>/request-void/", changes.request_void, name="contract-request-void"),
    path("contracts/<str:number>/reapply/", changes.reapply, name="contract-reapply"),
    path("verify/", verify.verify, name="verify"),
    path("verify/sealed-part/", verify.sealed_part, name="verify-sealed-part"),
    path("verify/root.pem", verify.root_certificates, name="verify-root"),
]
