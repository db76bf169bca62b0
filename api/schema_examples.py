"""Examples of successful answers in the OpenAPI description, by component."""

from typing import Any

ORDER: dict[str, Any] = {
    "number": "FO100000001",
    "account": "10000001",
    "product": {"code": "elastic-compute", "name": "Elastic Compute"},
    "kind": "new",
    "configuration": "2 vCPU, 4 GiB; 12 months",
    "region": "cn-shanghai",
    "quantity": 1,
    "unit": "",
    "status": "paid",
    "currency": "CNY",
    "list_amount": "1200.00",
    "payable_amount": "1080.50",
    "unpaid_amount": "0.00",
    "tax_rate": None,
    "tax_amount": None,
    "ordered_at": "2026-11-22T11:00:00+08:00",
    "payment_deadline": "2026-11-29T11:00:00+08:00",
    "paid_at": "2026-11-22T11:30:00+08:00",
    "service_start": "2026-11-22T11:30:00+08:00",
    "service_end": "2027-11-22T11:00:00+08:00",
    "cost_center": "",
    "external_id": "",
    "contracted_elsewhere": "",
    "invoice_numbers": [],
    "metadata": {},
    "source_updated_at": None,
    "updated_at": "2026-11-22T11:30:01.204311+08:00",
    "contract": {"number": "EC7Q4MXK2NWP3H", "type": "order", "status": "official"},
    "eligible": None,
    "reason": None,
}
PARTY = {
    "name": "Spruce Data Co., Ltd.",
    "address": "1 Zhongguancun Street, Beijing",
    "contact": "Li Lei",
    "phone": "+86 10 8000 0000",
    "email": "finance@customer.example",
    "bank": "",
    "bank_account": "",
    "tax_number": "",
}
CONTRACT: dict[str, Any] = {
    "number": "EC7Q4MXK2NWP3H",
    "account": "10000001",
    "test": False,
    "type": "order",
    "status": "official",
    "order_numbers": ["FO100000001"],
    "total_amount": "1080.50",
    "currency": "CNY",
    "remarks": "for the archive",
    "po_number": "",
    "invoice_numbers": [],
    "language": "en",
    "applied_at": "2026-11-22T12:00:00+08:00",
    "official_at": "2026-11-22T13:00:00+08:00",
    "voided_at": None,
    "invalid_at": None,
    "valid_from": "2026-11-22T11:30:00+08:00",
    "valid_until": "2027-11-22T11:00:00+08:00",
    "expires_at": None,
    "updated_at": "2026-11-22T13:00:00.512044+08:00",
    "party_a": PARTY | {"account_number": "10000001"},
    "party_b": PARTY | {"name": "Cloud Sail (Shanghai) Co., Ltd.", "email": "contracts@issuer.example"},
    "remittance_account": None,
    "document": {"sha256": "9f86d081884c7d65" * 4, "size": 61044, "sealed": True},
    "verification_code": "7Q4M-XK2N-WP3H-9RTC-4VBZ",
    "approval": None,
    "actions": ["preview", "download", "request_void"],
}
EVENT: dict[str, Any] = {
    "id": 5120,
    "webhook_id": "msg_5f0c41b2a4e94a6db1d5c3b1a7f20c11",
    "type": "order.paid",
    "timestamp": "2026-11-22T03:30:00+00:00",
    "data": {
        "account": "10000001",
        "test": False,
        "order": {
            "number": "FO100000001",
            "status": "paid",
            "currency": "CNY",
            "payable_amount": "1080.50",
            "ordered_at": "2026-11-22T03:00:00+00:00",
            "payment_deadline": "2026-11-29T03:00:00+00:00",
            "paid_at": "2026-11-22T03:30:00+00:00",
            "cancelled_at": None,
            "refunded_at": None,
        },
    },
}
CREATED_AT = "2026-11-22T09:00:00+08:00"
DETAILS = {name: PARTY[name] for name in PARTY if name != "name"} | {"legal_representative": "", "signing_place": ""}
ACCOUNT: dict[str, Any] = {
    "number": "10000001",
    "name": "Spruce Data Co., Ltd.",
    "certification": "enterprise",
    "time_zone": "Asia/Shanghai",
    "test": False,
    "party_a": DETAILS,
    "remittance_account": {
        "payee": "Cloud Sail (Shanghai) Co., Ltd.",
        "bank": "Bank",
        "account_number": "6230580000012345",
    },
    "balance": "500.00",
    "currency": "CNY",
    "document_language": None,
    "po_number_required": False,
    "approval_required_from": {"CNY": "10000.00"},
    "deliver_by_email": True,
    "cc_emails": [],
}
CUSTOMER: dict[str, Any] = {
    **{name: ACCOUNT[name] for name in ("number", "name", "certification", "currency", "time_zone", "test", "party_a")},
    "credit_code": "91310000MA1K35J58B",
    "created_at": CREATED_AT,
}
MEMBER = {
    "username": "mei",
    "email": "mei@customer.example",
    "role": "finance",
    "may_approve": False,
    "is_active": True,
}
BATCH = {
    "id": 31,
    "action": "convert",
    "status": "finished",
    "total": 2,
    "done": 1,
    "failed": 1,
    "results": [
        {"number": "EC7Q4MXK2NWP3H", "outcome": "done", "code": "", "detail": ""},
        {
            "number": "EC4F9TR2GKMQ8N",
            "outcome": "failed",
            "code": "order_changed",
            "detail": "Order FO100000002: the quantity has changed.",
        },
    ],
}
EXPORT = {
    "id": "5f0c41b2-a4e9-4a6d-b1d5-c3b1a7f20c11",
    "status": "ready",
    "url": "/api/v1/exports/5f0c41b2-a4e9-4a6d-b1d5-c3b1a7f20c11/",
    "file": "/api/v1/exports/5f0c41b2-a4e9-4a6d-b1d5-c3b1a7f20c11/file/",
}
VOID_TICKET = {
    "id": 12,
    "status": "approved",
    "reason": "Wrong company",
    "note": "",
    "opened_at": "2026-11-23T10:00:00+08:00",
    "decided_at": "2026-11-23T11:00:00+08:00",
}
VERDICT: dict[str, Any] = {
    "authentic": True,
    "status": "official",
    "number": "EC7Q4MXK2NWP3H",
    "sealed_at": "2026-11-22T13:00:00+08:00",
    "sha256": CONTRACT["document"]["sha256"],
    "findings": [{"code": "sealed", "detail": "Sealed by Cloud Sail (Shanghai) Co., Ltd. and unchanged."}],
}
ENDPOINT: dict[str, Any] = {
    "id": 5,
    "url": "https://hooks.customer.example/contracts",
    "description": "ERP",
    "event_types": [],
    "enabled": True,
    "disabled_because": None,
    "disabled_at": None,
    "failing_since": None,
    "failures": 0,
    "last_success_at": "2026-11-22T13:00:02.183020+08:00",
    "health": {
        "events": 40,
        "delivered": 38,
        "failed": 0,
        "pending": 2,
        "oldest_pending_at": "2026-11-22T13:00:00+08:00",
    },
    "previous_secret_until": None,
    "created_at": CREATED_AT,
}
MESSAGE = {name: EVENT[name] for name in ("type", "timestamp", "data")}
DELIVERY: dict[str, Any] = {
    "id": 901,
    "event_id": EVENT["webhook_id"],
    "type": EVENT["type"],
    "subject": "FO100000001",
    "state": "pending",
    "created_at": "2026-11-22T11:30:00+08:00",
    "delivered_at": None,
    "next_try_at": "2026-11-22T11:30:06+08:00",
    "tries": [
        {
            "at": "2026-11-22T11:30:00+08:00",
            "status_code": 503,
            "error": None,
            "duration_ms": 84,
            "answer": "Service Unavailable",
        }
    ],
    "payload": MESSAGE,
}


def _page(row: dict[str, Any]) -> dict[str, Any]:
    return {"next": None, "previous": None, "results": [row]}


def _imported(number: str, **more: Any) -> dict[str, Any]:
    return {"results": [{"number": number, "outcome": "created", "errors": [], **more}]}


EXAMPLES: dict[str, dict[str, Any]] = {
    "Order": ORDER,
    "OrderPage": _page(ORDER),
    "OrderImport": _imported("FO100000001", warnings=[]),
    "Contract": CONTRACT,
    "ContractPage": _page(CONTRACT),
    "Batch": BATCH,
    "Export": EXPORT,
    "VoidTicket": VOID_TICKET,
    "Account": ACCOUNT,
    "Customer": CUSTOMER,
    "CustomerPage": _page(CUSTOMER),
    "AccountResults": _imported("10000001"),
    "Member": MEMBER,
    "MemberPage": _page(MEMBER),
    "Verdict": VERDICT,
    "CodeVerdict": VERDICT
    | {
        "type": "order",
        "total_amount": "1080.50",
        "currency": "CNY",
        "order_count": 1,
        "party_a_masked": "S***.",
        "party_b": "Cloud Sail (Shanghai) Co., Ltd.",
    },
    "FeedEventPage": {"results": [EVENT], "next": None, "last_id": 5120},
    "WebhookEndpoint": ENDPOINT,
    "WebhookEndpointWithSecret": ENDPOINT | {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"},
    "WebhookEndpointPage": _page(ENDPOINT),
    "WebhookDelivery": DELIVERY,
    "WebhookDeliveryPage": _page(DELIVERY),
    "Resent": {"resent": 17},
}
