"""A file or a code in, a verdict out: what anybody who holds a document may learn of it and of its contract.

The sandbox is imported by a process without Django, so this package imports nothing.
"""
