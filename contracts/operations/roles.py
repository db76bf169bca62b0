"""Roles of users without an account: Django groups and their permissions."""

from django.db.models import Q

_READABLE = (
    Q(
        content_type__app_label="accounts",
        codename__in=(
            "view_account",
            "view_membership",
            "view_certificationrequest",
            "view_partyprofile",
            "view_issuer",
            "view_proposal",
        ),
    )
    | Q(content_type__app_label="emails", codename="view_notice")
    | Q(content_type__app_label="webhooks", codename__in=("view_webhookendpoint", "view_webhookdelivery"))
    | Q(content_type__app_label__in=("billing", "orders"), codename__startswith="view_")
    | Q(
        content_type__app_label="contracts",
        codename__in=(
            "view_contract",
            "view_contractorder",
            "view_contractdocument",
            "view_voidticket",
            "view_auditevent",
            "view_batch",
            "view_sealuse",
            "view_clauseversion",
            "view_clause",
        ),
    )
)
"""All business data; not technical rows such as tokens and selections."""

ROLES = {
    "Finance": _READABLE
    | Q(
        codename__in=(
            "decide_voidticket",
            "decide_certificationrequest",
            "decide_proposal",
            "book_remittance",
            "send_notice_again",
            "add_remittanceaccount",
            "change_remittanceaccount",
        )
    ),
    "Legal": _READABLE
    | Q(
        codename__in=(
            "change_issuer",
            "publish_issuer",
            "decide_proposal",
            "change_clauseversion",
            "publish_clauseversion",
            "open_product",
        )
    ),
    "Auditor": _READABLE | Q(codename__in=("view_user", "view_group", "view_logentry")),  # permissions and their use
    "Integrators": Q(content_type__app_label="orders", codename="integrate")
    | Q(content_type__app_label="accounts", codename="integrate_accounts")
    | Q(content_type__app_label="contracts", codename="integrate_contracts"),
}
"""Group → its minimum permissions."""
