"""Make the contract official: 3_convert.py CONTRACT"""

import sys
import uuid

from centre import call

contract = call("POST", f"contracts/{sys.argv[1]}/convert/", key=str(uuid.uuid4()))
print(contract["status"])
