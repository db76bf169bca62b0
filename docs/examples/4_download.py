"""Store the sealed PDF, and compare its checksum: 4_download.py CONTRACT FILE"""

import hashlib
import sys
from pathlib import Path

from centre import call, fetch

number, file = sys.argv[1:]
content = fetch("GET", f"contracts/{number}/document/")
assert hashlib.sha256(content).hexdigest() == call("GET", f"contracts/{number}/")["document"]["sha256"]
Path(file).write_bytes(content)
