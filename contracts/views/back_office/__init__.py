"""The back office's home page: queues for staff, and issued contracts."""
