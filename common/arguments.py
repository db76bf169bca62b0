"""Types of command line arguments."""

from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError("must be a whole number from 1")
    return int(text)
