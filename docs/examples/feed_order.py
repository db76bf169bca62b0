"""Feed a paid order, as the order system does with a token of the scope `orders`: feed_order.py ACCOUNT ORDER"""

import sys
from datetime import datetime, timezone

from centre import call

account, number = sys.argv[1:]
now = datetime.now(timezone.utc).isoformat()
order = {
    "account": account,
    "product": {"code": "elastic-compute", "name": "Elastic Compute"},
    "kind": "new",
    "configuration": "2 vCPU, 4 GiB; 12 months",
    "quantity": 1,
    "currency": "CNY",
    "list_amount": "1200.00",
    "payable_amount": "1080.50",
    "status": "paid",
    "ordered_at": now,
    "paid_at": now,
    "source_updated_at": now,
}
print(call("PUT", f"orders/{number}/", order)["status"])
