"""The registry of what processes count as they work, for Prometheus; config/metrics.py answers with it.

Every label has few values, all of them ours: no id of a row, nothing that a caller wrote.
"""

from prometheus_client import CollectorRegistry

REGISTRY = CollectorRegistry()
