"""Receive webhooks: check each signature and print the event once. The environment has WEBHOOK_SECRET and PORT."""

import base64
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # keep it in your database


def is_signed(headers, body):
    """Standard Webhooks: HMAC-SHA256 over id, time and body; not older than five minutes."""
    event_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    digest = hmac.digest(KEY, f"{event_id}.{sent_at}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    signatures = headers["webhook-signature"].encode().split()
    return abs(time.time() - int(sent_at)) < 300 and any(hmac.compare_digest(expected, one) for one in signatures)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            signed = is_signed(self.headers, body)
        except (AttributeError, ValueError, TypeError):  # a header is missing
            signed = False
        if signed and self.headers["webhook-id"] not in seen:
            seen.add(self.headers["webhook-id"])
            event = json.loads(body)
            print(event["type"], event["data"], flush=True)  # put it into your own queue
        self.send_response(204 if signed else 401)
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
