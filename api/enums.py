"""Names of the schema's enums (the setting ENUM_NAME_OVERRIDES)."""

from accounts.models import Account, Membership
from api.schema import CODES
from contracts.models import Approval, Contract, VoidTicket
from contracts.types import CHOICES
from orders.models import Order

ApprovalStatus = Approval.Status.choices
Certification = Account.Certification.choices
ContractStatus = Contract.Status.choices
ContractType = CHOICES
KindEnum = Order.Kind.choices
LanguageEnum = Contract.Language.choices
MemberRole = Membership.Role.choices
OrderStatus = Order.Status.choices
ProblemCode = [(code, code) for code in CODES]
ResultOutcomeEnum = [(outcome, outcome) for outcome in ("created", "updated", "unchanged", "failed")]
VoidTicketStatus = VoidTicket.Status.choices
