"""The scheduler's interval. Imported by config/celery.py before the apps are loaded."""

SCHEDULER_INTERVAL_SECONDS = 60
"""Interval at which every scheduled job gets a message. Work due later than that needs no message of its own."""
