"""Pictures and files that people put into what they write."""
