"""Whether the clock and the seal work: checked by the scheduler, shown to staff and at /readyz."""
