"""Health of the scheduler and the seal: checked regularly, shown to staff and at /readyz."""
