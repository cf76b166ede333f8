"""Floor 0: what every package stands on. Knows no word of the domain."""
