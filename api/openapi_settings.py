"""Settings of drf-spectacular. Extensions of the schema are in api/schema.py."""

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Electronic Contract Centre",
    "DESCRIPTION": "Orders in, contracts out. Amounts are decimal strings, times have offsets, lists have cursors.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # PATCH bodies have serializers of their own
    "ENUM_NAME_OVERRIDES": {
        name: f"api.enums.{name}"
        for name in (
            "ApprovalStatus",
            "Certification",
            "ContractStatus",
            "EventType",
            "IneligibilityCode",
            "ContractType",
            "KindEnum",
            "LanguageEnum",
            "MemberRole",
            "OrderStatus",
            "ResultOutcomeEnum",
            "VoidTicketStatus",
            "ProblemCode",
            "WebhookErrorCode",
        )
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.add_shared",
        "api.schema_parts.complete",
    ],
    "CONTACT": {"name": "The operator of this centre"},
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "This centre"}],
    "TAGS": [
        {"name": "account", "description": "The account of the token."},
        {"name": "accounts", "description": "Accounts and their members, for the company's own systems."},
        {"name": "orders", "description": "Orders: what contracts are made over."},
        {"name": "contracts", "description": "Contracts, their files, void tickets and approvals."},
        {"name": "exports", "description": "Tables that a worker prepares."},
        {"name": "events", "description": "What happened, in order."},
        {"name": "webhooks", "description": "Endpoints that events are sent to."},
        {"name": "verify", "description": "Public verification, without a token."},
    ],
    "WEBHOOKS": "api.webhook_payloads.MESSAGES",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
