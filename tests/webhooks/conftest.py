from collections.abc import Iterator

import pytest

from tests.webhooks.receiving import Receiver, endpoint_of, receiver
from webhooks.models import WebhookEndpoint


@pytest.fixture
def receiving(settings) -> Iterator[Receiver]:
    """A receiver on this machine, to which webhooks may go."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as server:
        yield server


@pytest.fixture
def endpoint(membership, receiving) -> WebhookEndpoint:
    """The account's endpoint at that receiver."""
    return endpoint_of(membership.account, receiving.url)
