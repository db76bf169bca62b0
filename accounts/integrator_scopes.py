"""Scopes of integrators' tokens: which records of all accounts a token may read and write (R26)."""

INTEGRATOR_SCOPES: dict[str, str] = {}
"""Scope → permission (`app.codename`) that its user needs as well. Filled by the owning apps, in `ready`."""


def register_integrator_scope(scope: str, permission: str) -> None:
    INTEGRATOR_SCOPES[scope] = permission
