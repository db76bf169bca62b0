"""Telling customers' programs of what happens, by the Standard Webhooks specification (docs/webhooks.md).

Whoever changes something says so (`events`) in its transaction: a row for each endpoint. A task claims what is due
(`queue`), has it signed and posted (`sending`, `signing`, `posting`, `addresses`), and records what came of it
(`outcomes`). `endpoints` is what members do, `forgetting` what the clock does.
"""
