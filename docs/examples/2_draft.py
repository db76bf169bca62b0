"""Draft a contract over orders, and print its number: 2_draft.py ORDER …"""

import sys
import uuid

from centre import call

key = str(uuid.uuid4())  # a new one for each contract; store it before you send
contract = call("POST", "contracts/", {"type": "order", "order_numbers": sys.argv[1:]}, key=key)
print(contract["number"])
