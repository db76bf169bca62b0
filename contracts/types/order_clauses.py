"""Version 1 of the clauses of order contracts, as the product ships it."""

from contracts.pdf.snapshot import ClauseText
from contracts.types.shared_clauses import SHARED_CLAUSES

CLAUSES = (
    ClauseText(
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
    ClauseText(
        "Orders and fees",
        "The list amount, discount and amount paid of each order are stated in the order table in {currency}. The "
        "contract total is the sum of the amounts paid. Party B issues invoices for amounts it has received, under "
        "the invoicing rules published in the console.",
        "订单与费用",
        "各订单的目录价、优惠及实付金额以 {currency} 列示于订单明细，合同总金额为各订单实付金额之和。乙方就已收到的款"
        "项，按照控制台公布的开票规则开具发票。",
    ),
    ClauseText(
        "Payment",
        "Party A had paid every order in full when the draft of this contract was made, so this contract creates no "
        "further obligation to pay for them. Where the terms of a product provide for refunds, those terms apply; a "
        "refund of one order leaves the contract in force for the others.",
        "付款",
        "本合同起草时，甲方已全额支付各订单，本合同不就上述订单产生新的付款义务。产品条款对退款另有规定的，从其规"
        "定；个别订单退款的，不影响本合同对其他订单的效力。",
    ),
    ClauseText(
        "Valid period",
        "The valid period stated above spans the service periods of all orders; each Service is provided for the "
        "period in its own row. Goods without a service period are delivered once. Rights and duties that have "
        "arisen by the end of the valid period remain.",
        "有效期",
        "上列有效期涵盖全部订单的服务期限，各项服务按其所在行载明的期限提供；无服务期限的商品一次性交付。有效期届满前"
        "已经产生的权利义务不受影响。",
    ),
    ClauseText(
        "Delivery and standard terms",
        "Party B provides the Services online as published for each product. The product terms, service level "
        "agreement and privacy terms that Party A accepted when ordering apply to the Services. Where they conflict "
        "with this contract on product, quantity, period or amount, this contract prevails; on everything else, they "
        "do.",
        "服务交付与标准条款",
        "乙方按照各产品公布的内容在线提供服务。甲方订购时接受的产品条款、服务等级协议和隐私条款适用于各项服务。上述条"
        "款与本合同就产品、数量、期限或金额的约定不一致的，以本合同为准；其他事项以上述条款为准。",
    ),
    *SHARED_CLAUSES,
)
