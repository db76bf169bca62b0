"""Webhooks: signed events for customers' systems, by the Standard Webhooks specification (docs/webhooks.md).

A service that changes a record creates a delivery for each endpoint in its transaction (`events`). A task claims due
deliveries (`queue`), signs and posts them (`sending`, `signing`, `http_post`, `public_addresses`) and records the
result (`retries`). Members manage endpoints (`endpoints`); the scheduler deletes old deliveries (`retention`).
"""
