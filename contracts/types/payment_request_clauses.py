"""Version 1 of the clauses of payment request contracts, as the product ships it."""

from contracts.pdf.snapshot import ClauseText
from contracts.types.shared_clauses import SHARED_CLAUSES

CLAUSES = (
    ClauseText(
        "Subject and basis",
        "Party A placed the orders listed above for products and services of Party B (the "
        '"Services") through Party B\'s management console and has not paid them yet. Their number is {count}. '
        "Product, configuration, region, quantity and amount are those recorded when the draft of this contract was "
        "made.",
        "标的与依据",
        "甲方通过乙方管理控制台就乙方的产品和服务（以下称“服务”）提交上列共 {count} 笔订单，尚未付款。各订单的产品、"
        "配置、地域、数量及金额，以本合同起草时的记录为准。",
    ),
    ClauseText(
        "Orders and fees",
        "The list amount, discount and payable amount of each order are stated in the order table in {currency}. The "
        "contract total is the sum of the payable amounts. Party B issues invoices for amounts it has received, under "
        "the invoicing rules published in the console.",
        "订单与费用",
        "各订单的目录价、优惠及应付金额以 {currency} 列示于订单明细，合同总金额为各订单应付金额之和。乙方就已收到的款"
        "项，按照控制台公布的开票规则开具发票。",
    ),
    ClauseText(
        "Purpose and payment",
        "This contract supports Party A's internal approval of the payment or purchase. It is not a receipt, an "
        "invoice or evidence that anything has been paid. Party A pays each order in full before its payment "
        "deadline, either to the remittance account stated above, quoting the payment reference, or by another means "
        "offered in the console. An order that is not paid by its deadline is cancelled, and its price and discount "
        "may then lapse.",
        "用途与付款",
        "本合同用于支持甲方内部的请款、采购等审批流程，不是收据或发票，亦不证明任何款项已经支付。甲方应于各订单付款截"
        "止时间前，向上列汇款账户全额付款并注明汇款附言，或以控制台提供的其他方式付款。逾期未付的订单将被取消，其价格"
        "和优惠可能不再适用。",
    ),
    ClauseText(
        "Valid period and expiry",
        "This contract is valid from the time Party B's seal is applied until {until}. It then becomes invalid by "
        "itself, without notice. It becomes invalid by itself before that time as soon as one of its orders is "
        "cancelled, or is refunded after payment. Its becoming invalid does not affect orders that have been paid; "
        "these can be included in an order contract afterwards.",
        "有效期与自动失效",
        "本合同自加盖乙方印章之时起生效，至 {until} 止，届时自动失效，无须另行通知。在此之前，任一订单被取消，或者付款"
        "后又退款的，本合同自取消或者退款之时起自动失效。本合同失效不影响已付款的订单，此类订单其后可另行申请订单合同。",
    ),
    ClauseText(
        "Delivery and standard terms",
        "Party B provides the Services of an order online once that order has been paid in full; this contract alone "
        "gives no claim to them. The product terms, service level agreement and privacy terms that Party A accepted "
        "when ordering apply to the Services.",
        "服务交付与标准条款",
        "订单全额付款后，乙方在线提供该订单的服务；仅凭本合同不能要求乙方提供服务。甲方订购时接受的产品条款、服务等级"
        "协议和隐私条款适用于各项服务。",
    ),
    *SHARED_CLAUSES,
)
