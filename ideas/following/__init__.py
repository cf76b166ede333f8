"""Floor 5: who wants to hear of what."""
