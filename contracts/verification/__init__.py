"""Verification: takes a file or a code, returns a verdict that anyone with the document may see.

A sandbox process without Django imports it, so this package imports nothing.
"""
