"""System checks of what the operator's machine offers, for `manage.py check --deploy`."""

from typing import Any

from django.core import checks

from contracts.foreign.confinement import landlock_version


@checks.register(checks.Tags.security, deploy=True)
def check_landlock(**_given: Any) -> list[checks.CheckMessage]:
    if landlock_version():
        return []
    return [
        checks.Warning(
            "The kernel offers no Landlock: the process that reads files of anybody is confined by Python alone, which "
            "machine code run through a hole in a parser gets past.",
            hint="Run Linux 5.13 or later with Landlock enabled (6.12 for all of it), in a container runtime that "
            "allows it, as Docker's default profile does. See docs/security.md.",
            id="contracts.W001",
        )
    ]
