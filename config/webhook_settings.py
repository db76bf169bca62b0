"""Settings of webhooks: where they may go, and where they come from."""

from config import environment as env

WEBHOOK_ALLOW_PRIVATE = env.switch("WEBHOOK_ALLOW_PRIVATE", default=False)
WEBHOOK_SENDING_ADDRESSES = env.networks("WEBHOOK_SENDING_ADDRESSES")
