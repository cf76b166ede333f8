"""Floor 8: mail that comes in. Replies to what the place has mailed are put beneath the idea."""
