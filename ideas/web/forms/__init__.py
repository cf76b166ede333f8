"""What may be sent to each page."""
