"""Apply again for an order that has a contract, and print the code and the place of the refusal: 6_refusal.py ORDER"""

import sys

from centre import Refusal, call

try:
    call("POST", "contracts/", {"type": "order", "order_numbers": [sys.argv[1]]})
except Refusal as refusal:
    [error] = refusal.errors
    print(refusal.code, error["pointer"], error["contract"])
