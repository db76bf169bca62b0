"""Ask whether a file is authentic; this needs no token: 5_verify.py FILE"""

import json
import sys
from pathlib import Path

from centre import fetch

boundary, content = "a-line-that-no-pdf-has", Path(sys.argv[1]).read_bytes()
head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="contract.pdf"\r\n\r\n'
body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
verdict = json.loads(fetch("POST", "verify/", body, **{"Content-Type": f"multipart/form-data; boundary={boundary}"}))
print(verdict["authentic"], verdict["status"], *(finding["code"] for finding in verdict["findings"]))
