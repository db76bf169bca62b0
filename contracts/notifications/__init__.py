"""What is sent about contracts and void tickets: emails to members, webhook events to their systems."""
