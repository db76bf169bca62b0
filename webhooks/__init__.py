"""Webhooks: signed events for customers' systems, by the Standard Webhooks specification (docs/webhooks.md).

A service that changes a record publishes an event in its transaction (`events`): it adds it to the feed, which readers
get by API (`feed`), and creates a delivery for each subscribed endpoint. A task claims due
deliveries (`queue`), signs and posts them (`sending`, `signing`, `http_post`, `public_addresses`) and records the
result (`retries`). Members manage endpoints (`endpoints`); the scheduler deletes old deliveries (`retention`).
"""
