"""The first page of the back office: what waits for staff, and what was issued."""
