"""System check of the kernel's sandboxing, for `manage.py check --deploy`."""

from typing import Any

from django.core import checks

from common.confinement import landlock_version


@checks.register(checks.Tags.security, deploy=True)
def check_landlock(**_given: Any) -> list[checks.CheckMessage]:
    if landlock_version():
        return []
    return [
        checks.Warning(
            "The kernel offers no Landlock: the process that reads untrusted files is confined by Python alone. "
            "Machine code run through a vulnerability in a parser would escape.",
            hint="Run Linux 5.13 or later with Landlock enabled (6.12 for all of it), in a container runtime that "
            "allows it, as Docker's default profile does. See docs/security.md.",
            id="contracts.W001",
        )
    ]
