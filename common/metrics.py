"""Prometheus registry of the process counters; served by config/metrics.py.

Labels must have few, fixed values: no row ids and no text from callers.
"""

from prometheus_client import CollectorRegistry

REGISTRY = CollectorRegistry()
