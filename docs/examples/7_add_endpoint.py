"""Add a webhook endpoint and print its secret, which is shown only once: 7_add_endpoint.py URL"""

import sys
import uuid

from centre import call

print(call("POST", "webhooks/", {"url": sys.argv[1]}, key=str(uuid.uuid4()))["secret"])
