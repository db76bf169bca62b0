"""The shipped clauses of both contract types, in English and Chinese: version 1 of each type.

They describe how the software works: what a draft is, when a payment request contract expires, how a contract is
voided. They claim no legal effect for the seal beyond its certificate's. The English uses straight quotes, because
Chinese fonts print typographic ones as wide as a Chinese character. Staff publish later versions in the back office.
"""

from contracts.pdf.clauses import ClauseText
from contracts.pdf.snapshot import ContractType

SUBJECT = {
    "order": (
        "Subject and basis",
        'Party A ordered the products and services listed above (the "Services") through Party B\'s management '
        "console, and Party B accepted the orders. This contract brings these orders together in one document; their "
        "number is {count}. Product, configuration, region, quantity, period and amount are those recorded when the "
        "draft of this contract was made; later changes to prices or promotions do not affect them.",
        "标的与依据",
        "甲方通过乙方管理控制台订购上列产品和服务（以下称“服务”），乙方已接受订购。本合同将上述共 {count} 笔订单汇于"
        "一份文件。各订单的产品、配置、地域、数量、期限及金额，以本合同起草时的记录为准；此后价格或优惠活动的调整，"
        "不影响本合同所载内容。",
    ),
    "payment_request": (
        "Subject and basis",
        "Party A placed the orders listed above for products and services of Party B (the "
        '"Services") through Party B\'s management console and has not paid them yet. Their number is {count}. '
        "Product, configuration, region, quantity and amount are those recorded when the draft of this contract was "
        "made.",
        "标的与依据",
        "甲方通过乙方管理控制台就乙方的产品和服务（以下称“服务”）提交上列共 {count} 笔订单，尚未付款。各订单的产品、"
        "配置、地域、数量及金额，以本合同起草时的记录为准。",
    ),
}

FEES = {
    "order": (
        "Orders and fees",
        "The list amount, discount and amount paid of each order are stated in the order table in {currency}. The "
        "contract total is the sum of the amounts paid. Party B issues invoices for amounts it has received, under "
        "the invoicing rules published in the console.",
        "订单与费用",
        "各订单的目录价、优惠及实付金额以 {currency} 列示于订单明细，合同总金额为各订单实付金额之和。乙方就已收到的款"
        "项，按照控制台公布的开票规则开具发票。",
    ),
    "payment_request": (
        "Orders and fees",
        "The list amount, discount and payable amount of each order are stated in the order table in {currency}. The "
        "contract total is the sum of the payable amounts. Party B issues invoices for amounts it has received, under "
        "the invoicing rules published in the console.",
        "订单与费用",
        "各订单的目录价、优惠及应付金额以 {currency} 列示于订单明细，合同总金额为各订单应付金额之和。乙方就已收到的款"
        "项，按照控制台公布的开票规则开具发票。",
    ),
}

PAYMENT = {
    "order": (
        "Payment",
        "Party A had paid every order in full when the draft of this contract was made, so this contract creates no "
        "further obligation to pay for them. Where the terms of a product provide for refunds, those terms apply; a "
        "refund of one order leaves the contract in force for the others.",
        "付款",
        "本合同起草时，甲方已全额支付各订单，本合同不就上述订单产生新的付款义务。产品条款对退款另有规定的，从其规"
        "定；个别订单退款的，不影响本合同对其他订单的效力。",
    ),
    "payment_request": (
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
}

TERM = {
    "order": (
        "Valid period",
        "The valid period stated above spans the service periods of all orders; each Service is provided for the "
        "period in its own row. Goods without a service period are delivered once. Rights and duties that have "
        "arisen by the end of the valid period remain.",
        "有效期",
        "上列有效期涵盖全部订单的服务期限，各项服务按其所在行载明的期限提供；无服务期限的商品一次性交付。有效期届满前"
        "已经产生的权利义务不受影响。",
    ),
    "payment_request": (
        "Valid period and expiry",
        "This contract is valid from the time Party B's seal is applied until {until}. It then becomes invalid by "
        "itself, without notice. It becomes invalid by itself before that time as soon as one of its orders is "
        "cancelled, or is refunded after payment. Its becoming invalid does not affect orders that have been paid; "
        "these can be included in an order contract afterwards.",
        "有效期与自动失效",
        "本合同自加盖乙方印章之时起生效，至 {until} 止，届时自动失效，无须另行通知。在此之前，任一订单被取消，或者付款"
        "后又退款的，本合同自取消或者退款之时起自动失效。本合同失效不影响已付款的订单，此类订单其后可另行申请订单合同。",
    ),
}

SERVICE = {
    "order": (
        "Delivery and standard terms",
        "Party B provides the Services online as published for each product. The product terms, service level "
        "agreement and privacy terms that Party A accepted when ordering apply to the Services. Where they conflict "
        "with this contract on product, quantity, period or amount, this contract prevails; on everything else, they "
        "do.",
        "服务交付与标准条款",
        "乙方按照各产品公布的内容在线提供服务。甲方订购时接受的产品条款、服务等级协议和隐私条款适用于各项服务。上述条"
        "款与本合同就产品、数量、期限或金额的约定不一致的，以本合同为准；其他事项以上述条款为准。",
    ),
    "payment_request": (
        "Delivery and standard terms",
        "Party B provides the Services of an order online once that order has been paid in full; this contract alone "
        "gives no claim to them. The product terms, service level agreement and privacy terms that Party A accepted "
        "when ordering apply to the Services.",
        "服务交付与标准条款",
        "订单全额付款后，乙方在线提供该订单的服务；仅凭本合同不能要求乙方提供服务。甲方订购时接受的产品条款、服务等级"
        "协议和隐私条款适用于各项服务。",
    ),
}

CONFIDENTIALITY = (
    "Confidentiality",
    "Each party keeps confidential what it learns under this contract of the other's business, technology, prices "
    "and data, and uses it only to perform the contract. It may disclose it to staff, advisers and auditors who need "
    "it and are bound to the same duty, and where law or a competent authority requires. The duty continues for "
    "three years after the contract ends.",
    "保密",
    "任何一方对因本合同知悉的对方商业、技术、价格和数据等信息负有保密义务，仅可为履行本合同而使用；除向确有必要知悉且"
    "承担同等保密义务的员工、顾问和审计人员披露，或应法律及主管机关要求披露外，不得向第三方披露。保密义务在本合同终止"
    "后三年内继续有效。",
)

FORM = (
    "Electronic form and seal",
    "A draft carries no seal and binds neither party. The contract is the official file that results from converting "
    "the draft and carries Party B's electronic seal; its content is that of the draft. A printout is a copy. Once "
    "sealed, the contract can be voided only by Party B approving a void ticket in which Party A states the reason. "
    "The digital signature under the seal shows whether the file has been altered since it was sealed; what further "
    "legal effect it has depends on the certificate used and on applicable law.",
    "电子形式与签章",
    "草稿不带印章，对双方均无约束力。草稿转正式合同并加盖乙方电子印章后形成的电子文件为本合同，其内容与草稿一致；纸质"
    "打印件为副本。本合同盖章后，仅可由甲方提交作废工单并说明理由、经乙方审核同意后作废。印章所附数字签名用于验证文件"
    "自盖章后是否被改动；其进一步的法律效力取决于所用数字证书及适用法律。",
)

LIABILITY = (
    "Liability",
    "A party in breach compensates the direct loss that its breach causes. Neither party is liable for indirect loss "
    "or lost profit, and a party's liability in connection with an order is limited to the amount of that "
    "order, except for intent or gross negligence and wherever the law does not allow such a limit. Neither party is "
    "liable for a failure caused by force majeure of which it informs the other without undue delay.",
    "违约责任",
    "违约方应赔偿其违约给对方造成的直接损失。任何一方不对间接损失或预期利润损失承担责任；一方就某一订单承担的责任总额"
    "以该订单优惠后的金额为限，但故意或重大过失造成损失的，或者法律不允许作此限制的除外。因不可抗力不能履行并及时通知对"
    "方的，不承担违约责任。",
)

LAW = (
    "Governing law and disputes",
    "The laws of the People's Republic of China govern this contract. The parties first try to settle a dispute by "
    "negotiation; failing that, either may bring it before the competent people's court at the place where Party B "
    "is domiciled.",
    "法律适用与争议解决",
    "本合同适用中华人民共和国法律。因本合同发生的争议，双方应首先协商解决；协商不成的，任何一方均可向乙方住所地有管辖"
    "权的人民法院提起诉讼。",
)

MISCELLANEOUS = (
    "Miscellaneous",
    "Notices go to the contact details stated above; a party tells the other of changes to its own. If a provision "
    "is invalid, the others remain in force. Matters not settled here follow the terms named in the clause on "
    "delivery.",
    "其他",
    "通知按上列联系方式送达，一方联系方式变更的应及时告知对方。本合同部分条款无效的，不影响其他条款的效力。本合同未尽"
    "事宜，按照服务交付条款所列各项条款执行。",
)


def shipped_clauses(kind: ContractType) -> tuple[ClauseText, ...]:
    """Return the clauses of a contract type, in order."""
    texts = (
        SUBJECT[kind],
        FEES[kind],
        PAYMENT[kind],
        TERM[kind],
        SERVICE[kind],
        CONFIDENTIALITY,
        FORM,
        LIABILITY,
        LAW,
        MISCELLANEOUS,
    )
    return tuple(ClauseText(*text) for text in texts)
