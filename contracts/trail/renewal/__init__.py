"""Timestamps over daily lists, and their renewal before certificates and algorithms end (R38; RFC 4998's idea).

stamping.py makes them, check_stamps.py checks them, proof.py returns the path from a document to them.
"""
