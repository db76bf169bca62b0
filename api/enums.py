"""Names of the schema's enums (the setting ENUM_NAME_OVERRIDES)."""

from accounts.models import Account, Membership
from api.schema import CODES
from contracts.eligibility import ORDER_REASONS
from contracts.models import Approval, Contract, VoidTicket
from contracts.types import CHOICES
from orders.models import Order
from webhooks.event_types import EVENT_TYPES
from webhooks.models import WebhookAttempt

ApprovalStatus = Approval.Status.choices
Certification = Account.Certification.choices
ContractStatus = Contract.Status.choices
EventType = [(name, name) for name in EVENT_TYPES]
IneligibilityCode = [(code, code) for code in ORDER_REASONS]
ContractType = CHOICES
KindEnum = Order.Kind.choices
LanguageEnum = Contract.Language.choices
MemberRole = Membership.Role.choices
OrderStatus = Order.Status.choices
ProblemCode = [(code, code) for code in CODES]
ResultOutcomeEnum = [(outcome, outcome) for outcome in ("created", "updated", "unchanged", "failed")]
VoidTicketStatus = VoidTicket.Status.choices
WebhookErrorCode = [(code, code) for code in WebhookAttempt.Error.values]
